/* What servers say of themselves. */
#ifndef TEST_FAKE_SURFACES_H
#define TEST_FAKE_SURFACES_H

extern const char fake_surface_b[];
extern const char fake_surface_c[]; /* 0.24 and 0.25 */
extern const char fake_surface_e[];
extern const char fake_surface_f0[];
extern const char fake_surface_f1[];
extern const char fake_surface_g[];
extern const char fake_surface_h[];
extern const char fake_surface_i[];

#endif
