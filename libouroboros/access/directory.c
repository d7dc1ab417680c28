/* The directory: one pointer to the policy of the moment. Readers take a reference under a short lock; a reload builds the new
 * policy first and swaps, so that nobody ever sees half of it and a broken one changes nothing. Any thread. */
#include <pthread.h>
#include <stdlib.h>

#include "access/access.h"
#include "base/alloc.h"
#include "base/error.h"

struct ouro_directory {
	pthread_mutex_t lock;
	ouro__policy *policy;
};

ouro_status ouro_directory_load(const ouro_directory_options *options, ouro_fault_fn fault,
	void *fault_user, ouro_directory **ret_directory, ouro_error *reterr)
{
	ouro_directory *directory;
	ouro__policy *policy = NULL;
	ouro_status rc;

	if (!ret_directory)
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "directory: no place for the result");
	rc = ouro__policy_new(options, fault, fault_user, &policy, reterr);
	if (rc < 0)
		return rc;
	directory = ouro__alloc(1, sizeof(*directory));
	if (!directory || pthread_mutex_init(&directory->lock, NULL) != 0) {
		free(directory);
		ouro__policy_unref(policy);
		return ouro__error_nomem(reterr);
	}
	directory->policy = policy;
	*ret_directory = directory;
	return OURO_OK;
}

ouro_status ouro_directory_reload(ouro_directory *directory, const ouro_directory_options *options,
	ouro_fault_fn fault, void *fault_user, ouro_error *reterr)
{
	ouro__policy *fresh = NULL;
	ouro__policy *old;
	ouro_status rc;

	if (!directory)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "directory: none given");
	rc = ouro__policy_new(options, fault, fault_user, &fresh, reterr);
	if (rc < 0)
		return rc;
	(void)pthread_mutex_lock(&directory->lock);
	old = directory->policy;
	directory->policy = fresh;
	(void)pthread_mutex_unlock(&directory->lock);
	ouro__policy_unref(old);
	return OURO_OK;
}

ouro__policy *ouro__directory_policy(ouro_directory *directory)
{
	ouro__policy *policy;

	(void)pthread_mutex_lock(&directory->lock);
	policy = ouro__policy_ref(directory->policy);
	(void)pthread_mutex_unlock(&directory->lock);
	return policy;
}

size_t ouro_directory_count(ouro_directory *directory)
{
	ouro__policy *policy = directory ? ouro__directory_policy(directory) : NULL;
	size_t count = policy ? ouro__policy_count(policy) : 0;

	ouro__policy_unref(policy);
	return count;
}

void ouro_directory_free(ouro_directory *directory)
{
	if (!directory)
		return;
	ouro__policy_unref(directory->policy);
	(void)pthread_mutex_destroy(&directory->lock);
	free(directory);
}
