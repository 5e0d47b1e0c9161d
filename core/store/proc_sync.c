/* fdatasync can stall for seconds when the disk is busy; nothing else waits for it. */
#include "store/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void sync_all(const struct proc *proc)
{
    int dir = open(proc->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return;
    syncfs(dir);
    close(dir);
}

static void *run(void *data)
{
    struct proc *proc = data;
    pthread_mutex_lock(&proc->sync_lock);
    while (!proc->sync_over) {
        int fd = proc->sync_fd;
        bool files = proc->sync_files;
        if (fd < 0 && !files) {
            pthread_cond_wait(&proc->sync_wake, &proc->sync_lock);
            continue;
        }
        proc->sync_fd = -1;
        pthread_mutex_unlock(&proc->sync_lock);
        if (fd >= 0) {
            fdatasync(fd);
            close(fd);
        }
        if (files)
            sync_all(proc);
        pthread_mutex_lock(&proc->sync_lock);
        if (files)
            proc->sync_files = false;
    }
    pthread_mutex_unlock(&proc->sync_lock);
    return NULL;
}

int proc_sync_start(struct proc *proc)
{
    proc->sync_fd = -1;
    pthread_mutex_init(&proc->sync_lock, NULL);
    pthread_cond_init(&proc->sync_wake, NULL);
    return -pthread_create(&proc->syncer, NULL, run, proc);
}

void proc_sync_stop(struct proc *proc)
{
    pthread_mutex_lock(&proc->sync_lock);
    proc->sync_over = true;
    pthread_cond_signal(&proc->sync_wake);
    pthread_mutex_unlock(&proc->sync_lock);
    pthread_join(proc->syncer, NULL);
    if (proc->sync_fd >= 0)
        close(proc->sync_fd);
    pthread_cond_destroy(&proc->sync_wake);
    pthread_mutex_destroy(&proc->sync_lock);
}

void proc_sync_journal(struct proc *proc)
{
    int fd = journal_fd(&proc->journal);
    if (fd < 0)
        return;
    pthread_mutex_lock(&proc->sync_lock);
    if (proc->sync_fd < 0) { /* else it is about to be synced anyway */
        proc->sync_fd = fcntl(fd, F_DUPFD_CLOEXEC, 5);
        pthread_cond_signal(&proc->sync_wake);
    }
    pthread_mutex_unlock(&proc->sync_lock);
}

void proc_sync_files(struct proc *proc)
{
    pthread_mutex_lock(&proc->sync_lock);
    proc->sync_files = true;
    pthread_cond_signal(&proc->sync_wake);
    pthread_mutex_unlock(&proc->sync_lock);
}

bool proc_synced(struct proc *proc)
{
    pthread_mutex_lock(&proc->sync_lock);
    bool synced = !proc->sync_files;
    pthread_mutex_unlock(&proc->sync_lock);
    return synced;
}
