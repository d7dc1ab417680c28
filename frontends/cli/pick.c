/* pick.c: the one node that a word means. What looks like an id is an id, whatever nodes are called. */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "cli.h"

/* The same address in any spelling. */
static int same_address(const char *a, const char *b)
{
	unsigned char left[16];
	unsigned char right[16];
	int family = strchr(a, ':') != NULL ? AF_INET6 : AF_INET;

	return inet_pton(family, a, left) == 1 && inet_pton(family, b, right) == 1 &&
		memcmp(left, right, family == AF_INET6 ? 16 : 4) == 0;
}

static int has_address(const ouro_node *node, const char *word)
{
	for (size_t i = 0; i < ouro_node_address_count(node); i++)
		if (same_address(word, ouro_node_address(node, i)))
			return 1;
	return 0;
}

static int fits(const ouro_node *node, const char *word, int is_id, uint64_t id)
{
	if (is_id)
		return ouro_node_id(node) == id;
	return cli_same_fold(ouro_node_name(node), word) || has_address(node, word);
}

static int ambiguous(const ouro_node_list *list, const char *word)
{
	cli_complain("several nodes are called %s; name one by its id:", word);
	for (size_t i = 0; i < ouro_node_list_count(list); i++) {
		const ouro_node *node = ouro_node_list_at(list, i);

		if (fits(node, word, 0, 0))
			cli_advise("  %llu  %s  %s", (unsigned long long)ouro_node_id(node),
				ouro_node_address_count(node) > 0 ? ouro_node_address(node, 0) : "",
				ouro_node_user_name(node));
	}
	return CLI_FAILED;
}

static int missing(const ouro_node_list *list, const char *word, int is_id)
{
	const ouro_node *near = NULL;
	unsigned best = 4;

	cli_complain(is_id ? "there is no node with the id %s, or it is not yours"
			   : "there is no node called %s, or it is not yours",
		word);
	for (size_t i = 0; i < ouro_node_list_count(list) && !is_id; i++) {
		const ouro_node *node = ouro_node_list_at(list, i);
		unsigned distance = cli_distance(word, ouro_node_name(node));

		if (distance < best && distance < strlen(word)) {
			best = distance;
			near = node;
		}
	}
	if (near != NULL)
		cli_advise("Did you mean %s (id %llu)?", ouro_node_name(near),
			(unsigned long long)ouro_node_id(near));
	else
		cli_advise("ouroboros nodes list shows what there is.");
	return CLI_NOT_FOUND;
}

static int find(const ouro_node_list *list, const char *word, const ouro_node **ret_node)
{
	const ouro_node *found = NULL;
	size_t count = 0;
	size_t mine = 0;
	uint64_t id = 0;
	int is_id = cli_number(word, &id);

	for (size_t i = 0; i < ouro_node_list_count(list); i++) {
		const ouro_node *node = ouro_node_list_at(list, i);

		if (!fits(node, word, is_id, id))
			continue;
		count++;
		mine += ouro_node_mine(node) != 0;
		/* Own ones come first in the list. */
		if (found == NULL)
			found = node;
	}
	if (count == 0)
		return missing(list, word, is_id);
	if (count > 1 && mine != 1)
		return ambiguous(list, word);
	*ret_node = found;
	return CLI_OK;
}

int cli_pick_node(
	struct cli *cli, const char *word, ouro_node_list **ret_list, const ouro_node **ret_node)
{
	ouro_nodes_query query = OURO_NODES_QUERY_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro_node_list *list = NULL;
	ouro_status rc;
	int code;

	query.scope = OURO_SCOPE_ALL;
	cli_progress(cli, "Asking %s …", cli->server);
	rc = ouro_nodes_list(cli->person, &query, &list, &error);
	cli_progress_end();
	if (rc < 0)
		return cli_failed(cli, &error, NULL);
	code = find(list, word, ret_node);
	if (code == CLI_OK) {
		*ret_list = list;
		list = NULL;
	}
	ouro_node_list_free(list);
	return code;
}
