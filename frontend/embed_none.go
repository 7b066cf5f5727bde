//go:build no_ui

package frontend

import "embed"

var none embed.FS

// Dist is empty: the binary was built with the no_ui tag and serves the API and mails only.
var Dist = sub(none, ".")
