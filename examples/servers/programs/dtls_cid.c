/* A server of DTLS 1.2 with connection ids (RFC 9146) on mbedTLS, which knows nothing of Relevo, and its clients.
 *
 * dtls_cid server PORT                    answers each message with its generation
 * dtls_cid client PORT TIMES COMMAND…     sessions whose client gets another port, over so many upgrades by the command
 */
#include <arpa/inet.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>
#include <mbedtls/timing.h>
#include <poll.h>
#include <psa/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CID = 8, SESSIONS = 512, EACH = 4, LIMIT = 3000 };

struct session {
    int socket;
    struct sockaddr_in peer;
    unsigned char cid[CID];
    mbedtls_ssl_context ssl;
    mbedtls_timing_delay_context timer;
    /* The datagram at hand, of which a record is read at a time. */
    const unsigned char *data;
    size_t length;
    int generation, is_open;
};

static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context random_source;
static mbedtls_ssl_config config;
static struct session *sessions[SESSIONS];
static int count;

static void need(int is_so, const char *what)
{
    if (is_so)
        return;
    perror(what);
    exit(2);
}

static int send_record(void *context, const unsigned char *bytes, size_t length)
{
    struct session *s = context;

    return (int)sendto(s->socket, bytes, length, 0, (struct sockaddr *)&s->peer, sizeof s->peer);
}

static int receive_record(void *context, unsigned char *room, size_t size)
{
    struct session *s = context;
    size_t length = s->length < size ? s->length : size;

    if (length == 0)
        return MBEDTLS_ERR_SSL_WANT_READ;
    memcpy(room, s->data, length);
    s->length = 0;
    return (int)length;
}

static void set_up(int end)
{
    static const unsigned char key[] = "sixteen bytes are";

    need(psa_crypto_init() == PSA_SUCCESS, "psa_crypto_init");
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&random_source);
    need(!mbedtls_ctr_drbg_seed(&random_source, mbedtls_entropy_func, &entropy, NULL, 0), "seed");
    mbedtls_ssl_config_init(&config);
    need(!mbedtls_ssl_config_defaults(&config, end, MBEDTLS_SSL_TRANSPORT_DATAGRAM,
                                      MBEDTLS_SSL_PRESET_DEFAULT), "config");
    mbedtls_ssl_conf_max_tls_version(&config, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random_source);
    need(!mbedtls_ssl_conf_psk(&config, key, 16, (const unsigned char *)"client", 6), "psk");
    if (end == MBEDTLS_SSL_IS_SERVER)
        mbedtls_ssl_conf_dtls_cookies(&config, NULL, NULL, NULL);
    /* A client has none of its own: what comes to its socket is the session's. */
    need(!mbedtls_ssl_conf_cid(&config, end == MBEDTLS_SSL_IS_SERVER ? CID : 0,
                               MBEDTLS_SSL_UNEXPECTED_CID_IGNORE), "cid");
}

static struct session *begin(int socket, struct sockaddr_in peer)
{
    struct session *s = calloc(1, sizeof *s);

    need(s != NULL && count < SESSIONS, "sessions");
    s->socket = socket;
    s->peer = peer;
    mbedtls_ctr_drbg_random(&random_source, s->cid, CID);
    mbedtls_ssl_init(&s->ssl);
    need(!mbedtls_ssl_setup(&s->ssl, &config), "setup");
    mbedtls_ssl_set_timer_cb(&s->ssl, &s->timer, mbedtls_timing_set_delay, mbedtls_timing_get_delay);
    mbedtls_ssl_set_bio(&s->ssl, s, send_record, receive_record, NULL);
    need(!mbedtls_ssl_set_cid(&s->ssl, MBEDTLS_SSL_CID_ENABLED, s->cid,
                              mbedtls_ssl_conf_get_endpoint(&config) == MBEDTLS_SSL_IS_SERVER ? CID : 0),
         "set_cid");
    sessions[count++] = s;
    return s;
}

/* By its id where the record has one, else by its address. */
static struct session *find(const unsigned char *data, ssize_t length, const struct sockaddr_in *peer)
{
    for (int i = 0; i < count; i++) {
        struct session *s = sessions[i];

        if (data[0] == 25 ? length > 11 + CID && !memcmp(s->cid, data + 11, CID)
                          : s->peer.sin_port == peer->sin_port
                                && s->peer.sin_addr.s_addr == peer->sin_addr.s_addr)
            return s;
    }
    return NULL;
}

static _Noreturn void serve(int port)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const char *generation = getenv("RELEVO_GENERATION");
    int socket_here = socket(AF_INET, SOCK_DGRAM, 0);

    set_up(MBEDTLS_SSL_IS_SERVER);
    need(!bind(socket_here, (struct sockaddr *)&here, sizeof here), "bind");
    for (;;) {
        unsigned char data[2048], text[256];
        struct sockaddr_in peer;
        socklen_t size = sizeof peer;
        ssize_t length = recvfrom(socket_here, data, sizeof data, 0, (struct sockaddr *)&peer, &size);
        struct session *s;
        int result;

        if (length < 13)
            continue;
        s = find(data, length, &peer);
        /* Only a handshake record begins one; of an id that is not known nothing is. */
        if (s == NULL && data[0] != 22)
            continue;
        if (s == NULL)
            s = begin(socket_here, peer);
        s->data = data;
        s->length = (size_t)length;
        if (!s->is_open) {
            result = mbedtls_ssl_handshake(&s->ssl);
            s->is_open = result == 0;
            continue;
        }
        result = mbedtls_ssl_read(&s->ssl, text, sizeof text);
        if (result <= 0)
            continue;
        /* The record was right: from here on the client is where it came from (RFC 9146, section 6). */
        s->peer = peer;
        mbedtls_ssl_write(&s->ssl, (const unsigned char *)generation, strlen(generation));
    }
}

/* Waits for a datagram, at most so long; for less where the handshake's own timer asks for it. */
static int await(struct session *s, unsigned char *data, size_t size, int milliseconds)
{
    struct pollfd descriptor = {.fd = s->socket, .events = POLLIN};
    ssize_t length;

    if (poll(&descriptor, 1, milliseconds) <= 0)
        return 0;
    length = recv(s->socket, data, size, 0);
    s->data = data;
    s->length = length > 0 ? (size_t)length : 0;
    return length > 0;
}

static void open_socket(struct session *s)
{
    if (s->socket > 0)
        close(s->socket);
    s->socket = socket(AF_INET, SOCK_DGRAM, 0);
    need(s->socket >= 0, "socket");
}

static int open_session(struct session *s)
{
    unsigned char data[2048], peer[32];
    size_t length = 0;
    int result, enabled = 0;

    for (int tries = 0; tries < 200; tries++) {
        result = mbedtls_ssl_handshake(&s->ssl);
        if (result != MBEDTLS_ERR_SSL_WANT_READ)
            break;
        await(s, data, sizeof data, 100);
    }
    if (result == 0)
        result = mbedtls_ssl_get_peer_cid(&s->ssl, &enabled, peer, &length);
    return result == 0 && enabled == MBEDTLS_SSL_CID_ENABLED && length == CID;
}

/* The generation that answers; 0 for none. */
static int ask(struct session *s)
{
    unsigned char data[2048];
    char text[16] = "";

    if (mbedtls_ssl_write(&s->ssl, (const unsigned char *)"who", 3) != 3)
        return 0;
    for (int waited = 0; waited < LIMIT; waited += 100) {
        if (await(s, data, sizeof data, 100)
            && mbedtls_ssl_read(&s->ssl, (unsigned char *)text, sizeof text - 1) > 0)
            return atoi(text);
    }
    return 0;
}

static int run(char **command)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        dup2(2, 1);
        execvp(command[0], command);
        _exit(127);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static int be_clients(int port, int times, char **command)
{
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int opened = 0, kept = 0, asked = 0;

    set_up(MBEDTLS_SSL_IS_CLIENT);
    for (int generation = 1; generation <= times + 1; generation++) {
        if (generation > 1)
            need(run(command), "upgrade");
        for (int i = 0; i < EACH; i++) {
            struct session *s = begin(0, there);

            open_socket(s);
            s->is_open = open_session(s);
            s->generation = s->is_open ? ask(s) : 0;
            opened += s->generation == generation;
        }
        for (int i = 0; i < count; i++) {
            open_socket(sessions[i]);
            asked++;
            kept += sessions[i]->generation != 0 && ask(sessions[i]) == sessions[i]->generation;
        }
    }
    printf("opened %d of %d, kept %d of %d\n", opened, count, kept, asked);
    return opened == count && kept == asked ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "server"))
        serve(atoi(argv[2]));
    if (argc > 4 && !strcmp(argv[1], "client"))
        return be_clients(atoi(argv[2]), atoi(argv[3]), argv + 4);
    fprintf(stderr, "usage: dtls_cid server PORT | client PORT TIMES COMMAND...\n");
    return 64;
}
