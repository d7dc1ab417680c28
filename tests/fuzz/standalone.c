/* Stands in for libFuzzer: hands every file of the folders (or files) named on the command line to
 * the target once, so that a corpus is a regression test under any compiler. Single threaded; owns
 * each input while the target reads it. An input is copied into a block of exactly its size, so
 * that a sanitizer sees a read past its end.
 *
 * A folder without files is a failure: a corpus that vanished must not look like one that passed.
 * The last line has the form of cmocka's, which tests/tools/counts.py counts. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX ((size_t)16 << 20)

static int fail(const char *path, const char *what)
{
	fprintf(stderr, "[  FAILED  ] %s: %s\n", path, what);
	return -1;
}

static uint8_t *read_input(FILE *file, size_t *ret_size)
{
	struct stat info;
	uint8_t *data;
	size_t size;

	if (fstat(fileno(file), &info) < 0 || info.st_size < 0)
		return NULL;
	size = (size_t)info.st_size;
	if (size > INPUT_MAX)
		return NULL;
	data = malloc(size > 0 ? size : 1);
	if (data == NULL)
		return NULL;
	if (fread(data, 1, size, file) != size) {
		free(data);
		return NULL;
	}
	*ret_size = size;
	return data;
}

static int replay_file(const char *path)
{
	FILE *file;
	uint8_t *data;
	size_t size = 0;

	file = fopen(path, "rb");
	if (file == NULL)
		return fail(path, strerror(errno));
	data = read_input(file, &size);
	fclose(file);
	if (data == NULL)
		return fail(path, "cannot be read, or is larger than 16 MiB");
	/* Named before it runs: after a crash this line tells which input it was. */
	printf("[ RUN      ] %s\n", path);
	fflush(stdout);
	(void)LLVMFuzzerTestOneInput(data, size);
	printf("[       OK ] %s\n", path);
	free(data);
	return 0;
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int replay_folder(const char *folder, unsigned *count)
{
	struct dirent **entries = NULL;
	char *path;
	int found, i, rc = 0;

	found = scandir(folder, &entries, not_hidden, alphasort);
	if (found < 0)
		return fail(folder, strerror(errno));
	for (i = 0; i < found; i++) {
		if (rc == 0) {
			if (asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0) {
				rc = fail(folder, "out of memory");
			} else {
				rc = replay_file(path);
				*count += 1;
				free(path);
			}
		}
		free(entries[i]);
	}
	free(entries);
	return rc;
}

int main(int argc, char **argv)
{
	struct stat info;
	unsigned count = 0;
	int i, rc = 0;

	for (i = 1; i < argc && rc == 0; i++) {
		if (stat(argv[i], &info) < 0) {
			rc = fail(argv[i], strerror(errno));
		} else if (S_ISDIR(info.st_mode)) {
			rc = replay_folder(argv[i], &count);
		} else {
			rc = replay_file(argv[i]);
			count += 1;
		}
	}
	if (rc == 0 && count == 0)
		rc = fail(argc > 1 ? argv[1] : "corpus", "no inputs");
	if (rc < 0)
		return 1;
	printf("[  PASSED  ] %u test(s).\n", count);
	return 0;
}
