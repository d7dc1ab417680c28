/* Are the people whom map and rules name users of Headscale? On a list of its users and nodes. */
#ifndef OURO_API_DOCTOR_PEOPLE_H
#define OURO_API_DOCTOR_PEOPLE_H

#include "api/doctor.h"
#include "model/model.h"

/* Users that the map and the rule routes name. */
void ouro__doctor_people(struct ouro__strand *strand, const ouro__snapshot *snapshot);
/* Users and tags of the rule keepers. */
void ouro__doctor_keepers(struct ouro__strand *strand, const ouro__snapshot *snapshot);

#endif
