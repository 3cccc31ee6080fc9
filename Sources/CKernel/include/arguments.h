#ifndef RELEVO_ARGUMENTS_H
#define RELEVO_ARGUMENTS_H

/* What this program was started with, its own name first, ended by NULL; NULL where nobody knows. */
char **relevo_arguments(void);

#endif
