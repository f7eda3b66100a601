/* serve.h - the programs of the lessons (help/lessons), beside the intruder in one binary.
 *
 *      intruder --serve PORT [KEY=VALUE]...   a small web server; serve.c has the keys
 *      intruder --reach DEED...               tries each and prints "DEED ANSWER"; reach.c has the
 * deeds
 *
 * ANSWER is as in README.  argv[0] is the option itself. */
#pragma once

int serve_main(int argc, char **argv);
int reach_main(int argc, char **argv);
