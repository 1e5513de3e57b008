// SPDX-License-Identifier: MIT
// Which header declares what: the names that servers are written with.
#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "render/diagnostic.h"

const struct header_names header_names[] = {
    {"arpa/inet.h", " inet_pton inet_ntop inet_addr inet_ntoa inet_aton htons htonl ntohs ntohl ",
     " "},
    {"netinet/in.h",
     " INADDR_ANY INADDR_LOOPBACK IPPROTO_TCP IPPROTO_IPV6 IPV6_V6ONLY "
     "INET_ADDRSTRLEN INET6_ADDRSTRLEN in_addr_t in_port_t in6addr_any ",
     " sockaddr_in sockaddr_in6 in_addr in6_addr "},
    {"netinet/tcp.h", " TCP_NODELAY TCP_CORK ", " "},
    {"sys/socket.h",
     " socket bind listen accept connect send recv sendto recvfrom sendmsg recvmsg shutdown "
     "setsockopt getsockopt getsockname getpeername socketpair AF_INET AF_INET6 AF_UNIX PF_INET "
     "SOCK_STREAM SOCK_DGRAM SOL_SOCKET SO_REUSEADDR SO_REUSEPORT SO_RCVTIMEO SO_SNDTIMEO "
     "SO_ERROR SOMAXCONN SHUT_RD SHUT_WR SHUT_RDWR MSG_NOSIGNAL MSG_PEEK MSG_DONTWAIT "
     "MSG_WAITALL socklen_t sa_family_t ",
     " sockaddr sockaddr_storage msghdr "},
    {"sys/un.h", " ", " sockaddr_un "},
    {"netdb.h", " getaddrinfo freeaddrinfo gai_strerror getnameinfo gethostbyname AI_PASSIVE ",
     " addrinfo hostent "},
    {"unistd.h",
     " close read write pread pwrite lseek unlink rmdir fork vfork execv execve execvp execl "
     "execlp dup dup2 pipe getpid getppid getuid getcwd chdir access sleep usleep alarm pause "
     "isatty ftruncate truncate fsync fdatasync link symlink readlink getopt optarg optind _exit "
     "sysconf gethostname setsid STDIN_FILENO STDOUT_FILENO STDERR_FILENO F_OK R_OK W_OK ssize_t "
     "off_t SEEK_END ",
     " "},
    {"fcntl.h",
     " open openat creat fcntl O_RDONLY O_WRONLY O_RDWR O_CREAT O_TRUNC O_APPEND O_EXCL "
     "O_NONBLOCK O_CLOEXEC F_GETFL F_SETFL F_SETFD FD_CLOEXEC ",
     " flock "},
    {"sys/types.h", " pid_t uid_t gid_t mode_t ", " "},
    {"sys/stat.h", " fstat lstat mkdir chmod umask S_ISDIR S_ISREG S_IRUSR S_IWUSR ", " stat "},
    {"sys/wait.h", " wait waitpid WNOHANG WIFEXITED WEXITSTATUS WIFSIGNALED WTERMSIG ", " "},
    {"sys/select.h", " select FD_ZERO FD_SET FD_ISSET FD_CLR fd_set ", " "},
    {"sys/time.h", " gettimeofday setitimer ", " itimerval "},
    {"sys/uio.h", " readv writev ", " iovec "},
    {"sys/mman.h", " mmap munmap PROT_READ PROT_WRITE MAP_SHARED MAP_PRIVATE MAP_FAILED ", " "},
    {"sys/sendfile.h", " sendfile ", " "},
    {"sys/epoll.h",
     " epoll_create1 epoll_ctl epoll_wait EPOLLIN EPOLLOUT EPOLLET EPOLL_CTL_ADD EPOLL_CTL_DEL "
     "EPOLL_CTL_MOD ",
     " epoll_event "},
    {"poll.h", " poll POLLIN POLLOUT POLLHUP POLLERR nfds_t ", " pollfd "},
    {"signal.h",
     " signal sigaction sigemptyset sigaddset sigprocmask kill raise SIGPIPE SIGTERM SIGINT "
     "SIGCHLD SIGKILL SIGUSR1 SIG_IGN SIG_DFL SA_RESTART sigset_t sig_atomic_t ",
     " "},
    {"pthread.h",
     " pthread_create pthread_join pthread_detach pthread_exit pthread_mutex_lock "
     "pthread_mutex_unlock pthread_mutex_init pthread_cond_wait pthread_cond_signal "
     "pthread_cond_broadcast pthread_t pthread_mutex_t pthread_cond_t PTHREAD_MUTEX_INITIALIZER ",
     " "},
    {"strings.h", " strcasecmp strncasecmp bzero ", " "},
    {"string.h",
     " strdup strndup strtok_r strsep strnlen strsignal stpcpy memccpy strerror strtok "
     "strspn strcspn strpbrk ",
     " "},
    {"stdlib.h",
     " setenv unsetenv getenv mkstemp mkdtemp realpath atoi atol strtol strtoul strtoll strtoull "
     "strtod qsort bsearch rand srand random ",
     " "},
    {"stdio.h",
     " dprintf getline getdelim fdopen fileno popen pclose fmemopen open_memstream perror fgets "
     "fopen fclose fread fwrite fflush setvbuf remove rename ",
     " "},
    {"dirent.h", " opendir readdir closedir DIR ", " dirent "},
    {"time.h",
     " time clock_gettime nanosleep gmtime_r localtime_r gmtime strftime mktime timegm "
     "CLOCK_MONOTONIC CLOCK_REALTIME ",
     " tm timespec "},
    {"errno.h",
     " errno EINTR EAGAIN EWOULDBLOCK EPIPE EINVAL ENOENT EACCES EEXIST EADDRINUSE ECONNRESET "
     "ECONNREFUSED EINPROGRESS ENOMEM ERANGE ETIMEDOUT EMFILE EPROTO ",
     " "},
    {"ctype.h", " isdigit isalpha isalnum isspace isprint isxdigit tolower toupper ", " "},
    {"limits.h", " PATH_MAX ", " "},
    {"libgen.h", " basename dirname ", " "},
    {"assert.h", " assert ", " "},
    {NULL, NULL, NULL},
};

const char gnu_names[] = " memmem memrchr strcasestr asprintf vasprintf accept4 pipe2 dup3 "
                         "strchrnul mempcpy ppoll execvpe gettid ";

static bool has_word(const char *words, const char *word, size_t length)
{
    for (const char *at = words; (at = strstr(at, word)) != NULL; at++)
        if (at[-1] == ' ' && at[length] == ' ')
            return true;
    return false;
}

const char *header_of(const char *name)
{
    bool is_struct = str_starts_with(name, "struct ");
    const char *word = is_struct ? name + strlen("struct ") : name;
    size_t length = strlen(word);
    for (const struct header_names *item = header_names; length > 0 && item->header != NULL; item++)
        if (has_word(is_struct ? item->structs : item->names, word, length))
            return item->header;
    return NULL;
}

bool is_gnu_name(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && has_word(gnu_names, name, length);
}
