//go:build bundle_postgres

package pgembed

import _ "embed"

// bundled is the pinned package of the platform the program is built for, which the release puts here as postgres.tgz.
//
//go:embed postgres.tgz
var bundled []byte
