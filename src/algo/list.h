/* list.h - all algorithms, one line each; fcm as in src/algo/fcm.c */
FC_ALGORITHM(kmeans)
FC_ALGORITHM(fcm)
FC_ALGORITHM(mec)
FC_ALGORITHM(tsallis)
FC_ALGORITHM(gk)
FC_ALGORITHM(gg)
FC_ALGORITHM(logical)
FC_ALGORITHM(spectral)
