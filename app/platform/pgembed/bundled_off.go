//go:build !bundle_postgres

package pgembed

// bundled is empty: the binaries are fetched when they are needed.
var bundled []byte
