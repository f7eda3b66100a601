/* observer_none.c - the observer of a gird that was built without BPF. */
#include "core/observe/observer.h"

#if !defined(GIRD_BPF) || !GIRD_BPF

#include <errno.h>

int observer_possible(struct err *e)
{
        return err_say(e, 1,
                       "This gird was built without observing (make BPF=0); everything else "
                       "works, gird try and harden by hand included.");
}

int observer_open(const struct observer_options *o, struct job *job, struct observer **ret,
                  struct err *e)
{
        (void)o;
        (void)job;
        (void)ret;
        return observer_possible(e);
}

void observer_close(struct observer *o)
{
        (void)o;
}

void observer_phase(struct observer *o, enum act_seen phase)
{
        (void)o;
        (void)phase;
}

int observer_pause(struct observer *o, struct err *e)
{
        (void)o;
        observer_possible(e);
        return -EOPNOTSUPP;
}

int observer_resume(struct observer *o, struct err *e)
{
        return observer_pause(o, e);
}

void observer_numbers(struct observer *o, struct observer_numbers *ret)
{
        (void)o;
        *ret = (struct observer_numbers){ 0 };
}

int observer_behaviour(struct observer *o, struct behaviour **ret, struct err *e)
{
        (void)ret;
        return observer_pause(o, e);
}

#endif
