/* doors.c: CivetWeb has no call for "take no more, finish what is there", and gives none of its sockets away; they are found among
 * the descriptors of the process by their port. */
#include "doors.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORTS_MAX 8
#define TCP_FLAGS_AT 13
#define TCP_SYN 0x02

struct doors {
	struct mg_server_port ports[PORTS_MAX];
	int count, end;
};

enum door {
	DOOR_OTHER,     /* not ours */
	DOOR_LISTENING, /* one that listens */
	DOOR_CLIENT,    /* one of a client */
};

static struct doors doors_of(const struct mg_context *context)
{
	long most = sysconf(_SC_OPEN_MAX);
	struct doors doors;

	doors.count = mg_get_server_ports(context, PORTS_MAX, doors.ports);
	doors.end = most > 0 && most < 4096 ? (int)most : 4096;
	return doors;
}

static enum door door_at(const struct doors *doors, int fd)
{
	struct sockaddr_in address;
	socklen_t length = sizeof(int);
	int listening = 0, i;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0)
		return DOOR_OTHER;
	length = sizeof(address);
	memset(&address, 0, sizeof(address));
	if (getsockname(fd, (struct sockaddr *)&address, &length) != 0 ||
		address.sin_family != AF_INET)
		return DOOR_OTHER;
	for (i = 0; i < doors->count; i++)
		if (doors->ports[i].port == (int)ntohs(address.sin_port))
			return listening ? DOOR_LISTENING : DOOR_CLIENT;
	return DOOR_OTHER;
}

/* A filter drops what asks for a connection. Closing the sockets instead would reset those that wait in their queues, and
 * dropping all packets those whose last word of the handshake is still on its way: their clients hold them for connected. */
void web_doors_close(const struct mg_context *context)
{
	struct sock_filter drop_syn[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, TCP_FLAGS_AT),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, TCP_SYN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
	};
	const struct sock_fprog program = {sizeof(drop_syn) / sizeof(drop_syn[0]), drop_syn};
	const struct doors doors = doors_of(context);
	int fd;

	for (fd = 3; fd < doors.end; fd++)
		if (door_at(&doors, fd) == DOOR_LISTENING)
			(void)setsockopt(
				fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

/* Connections in the queue of a listening socket: Linux tells their number in this field. */
static int has_queue(int fd)
{
	struct tcp_info info;
	socklen_t length = sizeof(info);

	memset(&info, 0, sizeof(info));
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 && info.tcpi_unacked > 0;
}

static int has_unread(int fd)
{
	int unread = 0;

	return ioctl(fd, FIONREAD, &unread) == 0 && unread > 0;
}

enum web_doors web_doors_look(const struct mg_context *context)
{
	const struct doors doors = doors_of(context);
	enum web_doors found = WEB_DOORS_EMPTY;
	int fd;

	for (fd = 3; fd < doors.end; fd++) {
		enum door door = door_at(&doors, fd);

		if (door == DOOR_LISTENING ? has_queue(fd) : door == DOOR_CLIENT && has_unread(fd))
			return WEB_DOORS_ASKED;
		if (door == DOOR_CLIENT)
			found = WEB_DOORS_SILENT;
	}
	return found;
}

/* CivetWeb looks at its stop flag only when a poll of two seconds is over. A socket that is shut down ends the poll at once: of
 * the listening sockets its master's, of silent clients a worker's. */
void web_doors_wake(const struct mg_context *context)
{
	const struct doors doors = doors_of(context);
	int fd;

	for (fd = 3; fd < doors.end; fd++) {
		enum door door = door_at(&doors, fd);

		if (door != DOOR_OTHER)
			(void)shutdown(fd, door == DOOR_CLIENT ? SHUT_RD : SHUT_RDWR);
	}
}
