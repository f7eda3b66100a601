/* write_dropin.c - a profile as a systemd drop-in, for another machine. */
#include "core/forms/assignments.h"
#include "core/profile/dropin.h"

FORM_WRITER(dropin)
{
        scoped(assignments_done) struct assignments a = { 0 };
        int r = assignments_make(in, &a, ret, e);

        if (r < 0)
                return r;
        r = form_add(ret, DROPIN_NAME, take(a.text), 0644);
        return r < 0 ? err_set(e, r, "cannot write the drop-in") : 0;
}
