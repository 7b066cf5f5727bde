//go:build !no_ui

package frontend

import "embed"

//go:embed all:dist
var dist embed.FS

// Dist holds the three builds, rooted at dist/: public/, app/ (each with .vite/manifest.json, hashed
// assets and their .br and .gz siblings) and embed/embed.js. A build that was not made is absent.
var Dist = sub(dist, "dist")
