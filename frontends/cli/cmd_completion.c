/* cmd_completion.c: the scripts by which the shells complete. They know nothing themselves: they ask `ouroboros __complete`. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "commands.h"

/* Every line that it prints is a word, a tab, and what it means; a line ":file" or ":nothing" comes first. */
static const char bash[] = "# bash completion for ouroboros\n"
			   "_ouroboros() {\n"
			   "\tlocal line current=${COMP_WORDS[COMP_CWORD]}\n"
			   "\tlocal -a words=(\"${COMP_WORDS[@]:1:COMP_CWORD}\")\n"
			   "\tif declare -F _get_comp_words_by_ref >/dev/null; then\n"
			   "\t\tlocal cword\n"
			   "\t\t_get_comp_words_by_ref -n =: -w words -c current -i cword\n"
			   "\t\twords=(\"${words[@]:1:cword}\")\n"
			   "\tfi\n"
			   "\tCOMPREPLY=()\n"
			   "\twhile IFS= read -r line; do\n"
			   "\t\tif [[ $line == :file ]]; then\n"
			   "\t\t\tcompopt -o default 2>/dev/null\n"
			   "\t\telse\n"
			   "\t\t\tCOMPREPLY+=(\"${line%%$'\\t'*}\")\n"
			   "\t\tfi\n"
			   "\tdone < <(ouroboros __complete \"${words[@]}\" 2>/dev/null)\n"
			   "\tif declare -F __ltrim_colon_completions >/dev/null; then\n"
			   "\t\t__ltrim_colon_completions \"$current\"\n"
			   "\tfi\n"
			   "}\n"
			   "complete -F _ouroboros ouroboros\n";

static const char zsh[] =
	"#compdef ouroboros\n"
	"# zsh completion for ouroboros\n"
	"_ouroboros() {\n"
	"\tlocal line\n"
	"\tlocal -a found\n"
	"\tfor line in \"${(@f)$(ouroboros __complete \"${(@)words[2,CURRENT]}\" 2>/dev/null)}\"; do\n"
	"\t\tif [[ $line == :file ]]; then\n"
	"\t\t\t_files\n"
	"\t\t\treturn\n"
	"\t\telif [[ -n $line ]]; then\n"
	"\t\t\tfound+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\")\n"
	"\t\tfi\n"
	"\tdone\n"
	"\t_describe -V ouroboros found\n"
	"}\n"
	"if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
	"\t_ouroboros \"$@\"\n"
	"else\n"
	"\tcompdef _ouroboros ouroboros\n"
	"fi\n";

static const char fish[] = "# fish completion for ouroboros\n"
			   "function __ouroboros_complete\n"
			   "\tset -l words (commandline -opc) (commandline -ct)\n"
			   "\tset -l found (ouroboros __complete $words[2..-1] 2>/dev/null)\n"
			   "\tif test \"$found[1]\" = :file\n"
			   "\t\t__fish_complete_path (commandline -ct)\n"
			   "\telse\n"
			   "\t\tprintf '%s\\n' $found\n"
			   "\tend\n"
			   "end\n"
			   "complete -c ouroboros -f -a '(__ouroboros_complete)'\n";

int cli_completion(struct cli *cli)
{
	const char *shell = cli->words[0];
	const char *slash = strrchr(shell, '/');

	shell = slash != NULL ? slash + 1 : shell;
	if (strcmp(shell, "bash") == 0)
		(void)fputs(bash, stdout);
	else if (strcmp(shell, "zsh") == 0)
		(void)fputs(zsh, stdout);
	else if (strcmp(shell, "fish") == 0)
		(void)fputs(fish, stdout);
	else {
		cli_complain("there is no completion for the shell \"%s\"", shell);
		cli_advise("There is one for bash, zsh and fish.");
		return CLI_USAGE;
	}
	return CLI_OK;
}
