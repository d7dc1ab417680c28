/* when.c: see when.h. */
#include "when.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <ouroboros/common.h>

#define MINUTE 60
#define HOUR 3600
#define DAY 86400

const char *cli_when_exact(int64_t time, char ret_text[CLI_WHEN_MAX])
{
	time_t seconds = (time_t)time;
	struct tm parts;

	if (time == OURO_TIME_NEVER || gmtime_r(&seconds, &parts) == NULL ||
		strftime(ret_text, CLI_WHEN_MAX, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
		ret_text[0] = '\0';
	return ret_text;
}

static void count(char ret_text[CLI_WHEN_MAX], int64_t number, const char *unit, int ahead)
{
	(void)snprintf(ret_text, CLI_WHEN_MAX, "%s%lld %s%s%s", ahead ? "in " : "",
		(long long)number, unit, number == 1 ? "" : "s", ahead ? "" : " ago");
}

const char *cli_when_words(int64_t time, int64_t now, char ret_text[CLI_WHEN_MAX])
{
	int64_t distance = time > now ? time - now : now - time;
	int ahead = time > now;

	if (time == OURO_TIME_NEVER)
		(void)snprintf(ret_text, CLI_WHEN_MAX, "never");
	else if (distance < MINUTE)
		(void)snprintf(ret_text, CLI_WHEN_MAX, "now");
	else if (distance < 2 * HOUR)
		count(ret_text, distance / MINUTE, "minute", ahead);
	else if (distance < 2 * DAY)
		count(ret_text, (distance + HOUR / 2) / HOUR, "hour", ahead);
	else if (distance < (int64_t)730 * DAY)
		count(ret_text, (distance + DAY / 2) / DAY, "day", ahead);
	else
		count(ret_text, distance / ((int64_t)365 * DAY), "year", ahead);
	return ret_text;
}

int64_t cli_when_duration(const char *text)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'m', MINUTE}, {'h', HOUR}, {'d', DAY}, {'w', (int64_t)7 * DAY},
		{'y', (int64_t)365 * DAY}};
	size_t digits = strspn(text, "0123456789");
	int64_t number = 0;

	if (digits == 0 || digits > 6 || text[digits] == '\0' || text[digits + 1] != '\0')
		return 0;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (text[i] - '0');
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].unit == text[digits])
			return number * units[i].seconds;
	return 0;
}

int64_t cli_when_parse(const char *text)
{
	struct tm parts = {0};
	const char *end = strptime(text, "%Y-%m-%d", &parts);

	if (end == NULL)
		return 0;
	if (*end == 'T' || *end == ' ')
		end = strptime(end + 1, "%H:%M:%S", &parts);
	if (end == NULL || (*end != '\0' && strcmp(end, "Z") != 0))
		return 0;
	return (int64_t)timegm(&parts);
}
