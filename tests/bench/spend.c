/* spend PROGRAM [ARGUMENT...]: run it once with its output thrown away; print what that took: microseconds from start to end, KiB of memory
 * at most, microseconds of processor. A program of its own, because a process inherits the largest size of whoever starts it: from
 * Python everything has 15 MB. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long microseconds(const struct timespec *since)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)(now.tv_sec - since->tv_sec) * 1000000 +
		(now.tv_nsec - since->tv_nsec) / 1000;
}

static long long time_of(const struct timeval *time)
{
	return (long long)time->tv_sec * 1000000 + time->tv_usec;
}

static void become(char **argv)
{
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)dup2(nowhere, STDIN_FILENO);
	(void)dup2(nowhere, STDOUT_FILENO);
	(void)execv(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

int main(int argc, char **argv)
{
	struct timespec began;
	struct rusage usage;
	int status = 0;
	pid_t pid;

	if (argc < 2) {
		(void)fputs("usage: spend PROGRAM [ARGUMENT...]\n", stderr);
		return 2;
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &began);
	pid = fork();
	if (pid == 0)
		become(argv + 1);
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || !WIFEXITED(status))
		return 1;
	(void)printf("%lld %ld %lld\n", microseconds(&began), usage.ru_maxrss,
		time_of(&usage.ru_utime) + time_of(&usage.ru_stime));
	return WEXITSTATUS(status);
}
