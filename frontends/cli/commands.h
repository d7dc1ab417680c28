/* commands.h: what the rows of the table run; one file cmd_NAME.c a subject. Each returns an exit code of enum cli_exit. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

struct cli;

int cli_nodes_list(struct cli *cli);
int cli_nodes_show(struct cli *cli);
int cli_nodes_rename(struct cli *cli);
int cli_nodes_expire(struct cli *cli);
int cli_nodes_extend(struct cli *cli);
int cli_nodes_delete(struct cli *cli);
int cli_routes_list(struct cli *cli);
int cli_routes_approve(struct cli *cli);
int cli_routes_withdraw(struct cli *cli);
int cli_routes_forget(struct cli *cli);
int cli_exit_node_on(struct cli *cli);
int cli_exit_node_off(struct cli *cli);
int cli_register(struct cli *cli);
int cli_keys_list(struct cli *cli);
int cli_keys_create(struct cli *cli);
int cli_keys_revoke(struct cli *cli);
int cli_login(struct cli *cli);
int cli_logout(struct cli *cli);
int cli_whoami(struct cli *cli);
int cli_doctor(struct cli *cli);
int cli_completion(struct cli *cli);
int cli_version(struct cli *cli);
int cli_help(struct cli *cli);

#endif
