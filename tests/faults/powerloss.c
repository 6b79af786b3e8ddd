/* Keeps beside a folder what a power cut would leave of it: only what was synced, in the folders that were synced.
 *
 * Preloaded, it lets every call through. After fsync of a file its content is copied to IMAGE/content/<inode>; after fsync of a folder the
 * names in it, with their inodes, to IMAGE/folder/<inode>. tests/faults/powerloss.py puts a folder together from that.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int (*real_fsync)(int), (*real_fdatasync)(int);

static void draft_of(char *to, const char *kind, ino_t inode, int is_draft) {
    const char *image = getenv("POWER_IMAGE");
    if (is_draft)
        snprintf(to, 4096, "%s/%s/.%lu.%d", image, kind, (unsigned long)inode, (int)getpid());
    else
        snprintf(to, 4096, "%s/%s/%lu", image, kind, (unsigned long)inode);
}

static void keep_file(int fd, const struct stat *about) {
    char draft[4096], path[4096], name[64], piece[65536];
    draft_of(draft, "content", about->st_ino, 1);
    draft_of(path, "content", about->st_ino, 0);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    int from = open(name, O_RDONLY), to = open(draft, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t n;
    while (from >= 0 && (n = read(from, piece, sizeof piece)) > 0)
        if (write(to, piece, n) != n)
            abort();
    close(from);
    close(to);
    rename(draft, path);
}

static void keep_folder(const char *folder, const struct stat *about) {
    char draft[4096], path[4096];
    draft_of(draft, "folder", about->st_ino, 1);
    draft_of(path, "folder", about->st_ino, 0);
    DIR *names = opendir(folder);
    FILE *list = fopen(draft, "w");
    struct dirent *one;
    while (names && (one = readdir(names)))
        if (strcmp(one->d_name, ".") && strcmp(one->d_name, ".."))
            fprintf(list, "%lu %s\n", (unsigned long)one->d_ino, one->d_name);
    closedir(names);
    fclose(list);
    rename(draft, path);
}

static void keep(int fd) {
    int before = errno;
    char link[64], path[4096];
    const char *root = getenv("POWER_ROOT");
    struct stat about;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (root && length > 0 && fstat(fd, &about) == 0) {
        path[length] = 0;
        if (!strncmp(path, root, strlen(root))) {
            if (S_ISDIR(about.st_mode))
                keep_folder(path, &about);
            else
                keep_file(fd, &about);
        }
    }
    errno = before;
}

int fsync(int fd) {
    if (!real_fsync)
        real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    int result = real_fsync(fd);
    if (result == 0)
        keep(fd);
    return result;
}

int fdatasync(int fd) {
    if (!real_fdatasync)
        real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    int result = real_fdatasync(fd);
    if (result == 0)
        keep(fd);
    return result;
}
