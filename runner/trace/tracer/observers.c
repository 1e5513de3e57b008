// SPDX-License-Identifier: MIT
// Who records what a stop shows.
#include "trace/tracer/tracer.h"

const struct observer *const observers[] = {&calls_observer, &ends_observer, NULL};
