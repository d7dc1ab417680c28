/** @file ouroboros.h
 * Everything of libouroboros in one include. */
#ifndef OUROBOROS_OUROBOROS_H
#define OUROBOROS_OUROBOROS_H

#include <ouroboros/common.h>
#include <ouroboros/directory.h>
#include <ouroboros/doctor.h>
#include <ouroboros/error.h>
#include <ouroboros/identity.h>
#include <ouroboros/keys.h>
#include <ouroboros/login.h>
#include <ouroboros/model.h>
#include <ouroboros/nodes.h>
#include <ouroboros/portal.h>
#include <ouroboros/settings.h>
#include <ouroboros/store.h>
#include <ouroboros/tailnet.h>
#include <ouroboros/tokens.h>

#endif
