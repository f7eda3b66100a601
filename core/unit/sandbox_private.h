/* sandbox_private.h - how implication leaves room to be undone. */
#pragma once

#include "core/unit/sandbox.h"

/* Puts the value aside that is about to be changed by implication.  0 or -ENOMEM. */
int setting_keep_given(struct setting *s);

/* Undoes what implication did to the setting. */
void setting_restore_given(struct setting *s);
