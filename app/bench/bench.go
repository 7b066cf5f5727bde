// Package bench measures the program from outside, as ratios taken side by side in one run, and makes large databases to measure on. It
// imports no feature: it runs the program as its users do.
package bench
