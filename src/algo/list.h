/* list.h - all algorithms, one line each; fcm as in src/algo/fcm.c */
FC_ALGORITHM(kmeans)
FC_ALGORITHM(fcm)
