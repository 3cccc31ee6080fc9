#ifndef RELEVO_SPAWN_H
#define RELEVO_SPAWN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Where the child can fail; reported to the parent with errno. Swift's SpawnStep has the same order. */
enum relevo_step {
    RELEVO_STEP_CLONE,
    RELEVO_STEP_SESSION,
    RELEVO_STEP_NAMESPACE,
    RELEVO_STEP_PRIVATE_FOLDER,
    RELEVO_STEP_DESCRIPTORS,
    RELEVO_STEP_CLOSE,
    RELEVO_STEP_GROUPS,
    RELEVO_STEP_GROUP,
    RELEVO_STEP_USER,
    RELEVO_STEP_FOLDER,
    RELEVO_STEP_DEATH_SIGNAL,
    RELEVO_STEP_NO_NEW_PRIVILEGES,
    RELEVO_STEP_EXEC,
    /* Only on its way to success: how interception began, with its descriptor where it did. */
    RELEVO_STEP_INTERCEPTION,
};

/* What the child writes to the report pipe when a step fails. */
struct relevo_report {
    int32_t step;
    int32_t error;
    int32_t index;
};

struct relevo_placement {
    int32_t source;
    int32_t target;
};

enum relevo_session { RELEVO_SESSION_SAME, RELEVO_SESSION_GROUP, RELEVO_SESSION_NEW };

/* All that the child does between clone and exec, laid out before: it allocates nothing. */
struct relevo_spawn_plan {
    const char *path;
    char *const *arguments;
    char *const *environment;
    /* Room in the environment for the child's own pid, 11 bytes and NUL; NULL for none. */
    char *own_pid;
    /* By ascending target; the child overwrites the sources. */
    struct relevo_placement *placements;
    size_t placement_count;
    /* Written to on failure, closed by exec. */
    int report;
    /* Whether bind(2) is to wait for an answer; then `report` is a local socket for packets. */
    int intercepts_bind;
    int session;
    /* Folders at which the child sees others; NULL ends the list. */
    char *const *private_folders;
    /* Where those others are, and then the name of each there. */
    char *const *private_names;
    const char *working_folder;
    /* The file mode creation mask, -1 to keep the parent's. */
    int creation_mask;
    int changes_identity;
    uid_t uid;
    gid_t gid;
    const gid_t *groups;
    size_t group_count;
    int death_signal;
    int no_new_privileges;
    /* The soft limit of open files that it is to have, 0 to keep the parent's. */
    uint64_t open_files;
    /* Whether it is to have this soft limit of the size of files, not the parent's. */
    int limits_file_size;
    uint64_t file_size;
};

/* A child that runs the plan; its pidfd, CLOEXEC. */
int relevo_spawn(const struct relevo_spawn_plan *plan, pid_t *pid);

#endif
