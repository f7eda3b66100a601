/* infer_devices.h - device nodes that a unit used, and how DeviceAllow= names them. */
#pragma once

#include "core/observe/infer_rungs.h"

struct device {
        bool known; /* block or char, and its numbers */
        bool block;
        bool many; /* the path stands for many names */
        unsigned major, minor;
        unsigned rights;  /* 1 read, 2 write, 4 make */
        const char *path; /* the act's; "" where only its numbers are known */
        const struct act *act;
};

struct devices {
        struct device *items;
        size_t count;
};
void devices_done(struct devices *list);

/* The lines of DeviceAllow=.  1: one of them cannot be named. */
int devices_lines(const struct inference *in, const struct devices *list, char ***ret);
