package pgembed

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	defaultRegistry = "https://registry.npmjs.org/"
	// tarballVariable names a package file fetched beforehand, for machines without a registry.
	tarballVariable = "TRIBUTARY_POSTGRES_TARBALL"
	downloadTimeout = 10 * time.Minute
)

// source is where a package may come from.
type source struct {
	bundled  []byte // built into the program
	tarball  string // a file
	registry string
	token    string
	npm      string // the program that knows proxies and private registries
}

func configuredSource() source {
	var npmrc string
	if home, err := os.UserHomeDir(); err == nil {
		if content, err := os.ReadFile(filepath.Join(home, ".npmrc")); err == nil {
			npmrc = string(content)
		}
	}
	s := source{bundled: bundled, tarball: os.Getenv(tarballVariable), npm: "npm"}
	s.registry, s.token = npmSettings(npmrc, os.Getenv)
	return s
}

// fetch brings the pinned tarball into dir, by the first way that works, and checks its sha512.
func (s source) fetch(ctx context.Context, p pin, dir string) (string, error) {
	if len(s.bundled) > 0 {
		return keep(dir, p, bytes.NewReader(s.bundled))
	}
	if s.tarball != "" {
		in, err := os.Open(s.tarball)
		if err != nil {
			return "", fmt.Errorf("%s: %w", tarballVariable, err)
		}
		defer func() { _ = in.Close() }()
		return keep(dir, p, in)
	}
	ctx, cancel := context.WithTimeout(ctx, downloadTimeout)
	defer cancel()
	file, direct := s.download(ctx, p, dir)
	if direct == nil {
		return file, nil
	}
	file, packed := s.npmPack(ctx, p, dir)
	if packed == nil {
		return file, nil
	}
	return "", fmt.Errorf("fetch %s %s (or put the package's file name in %s, or set DATABASE_URL): %w",
		p.name, p.version, tarballVariable, errors.Join(direct, packed))
}

func (s source) download(ctx context.Context, p pin, dir string) (string, error) {
	_, base, _ := strings.Cut(p.name, "/")
	url := strings.TrimSuffix(s.registry, "/") + "/" + p.name + "/-/" + base + "-" + p.version + ".tgz"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", fmt.Errorf("npm registry: %w", err)
	}
	if s.token != "" {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("npm registry: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("npm registry: %s answered %s", url, resp.Status)
	}
	return keep(dir, p, resp.Body)
}

// npmPack is the way through whatever npm is configured for: proxies, certificates, private registries.
func (s source) npmPack(ctx context.Context, p pin, dir string) (string, error) {
	tmp, err := os.MkdirTemp(dir, ".npm-pack-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	cmd := exec.CommandContext(ctx, s.npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", tmp, p.name+"@"+p.version)
	cmd.Dir = tmp
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("npm pack: %w %s", err, lastLine(stderr.String()))
	}
	files, err := filepath.Glob(filepath.Join(tmp, "*.tgz"))
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("npm pack: wrote %d files", len(files))
	}
	in, err := os.Open(files[0])
	if err != nil {
		return "", err
	}
	defer func() { _ = in.Close() }()
	return keep(dir, p, in)
}

// keep stores the tarball if it is the pinned one.
func keep(dir string, p pin, in io.Reader) (_ string, err error) {
	want, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(p.integrity, "sha512-"))
	if err != nil || len(want) != sha512.Size {
		return "", fmt.Errorf("package-lock.json: %s has no sha512", p.name)
	}
	out, err := os.CreateTemp(dir, ".tarball-")
	if err != nil {
		return "", err
	}
	defer func() {
		_ = out.Close()
		if err != nil {
			_ = os.Remove(out.Name())
		}
	}()
	sum := sha512.New()
	if _, err := io.Copy(io.MultiWriter(out, sum), in); err != nil {
		return "", fmt.Errorf("read %s: %w", p.name, err)
	}
	if got := sum.Sum(nil); !bytes.Equal(got, want) {
		return "", fmt.Errorf("%s %s is not the pinned file: its sha512 differs from package-lock.json", p.name, p.version)
	}
	return out.Name(), nil
}

// npmSettings reads the registry that npm uses, and its token, from the environment and the content of the user's .npmrc.
func npmSettings(npmrc string, getenv func(string) string) (registry, token string) {
	settings := map[string]string{}
	for line := range strings.Lines(npmrc) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			settings[strings.TrimSpace(key)] = os.Expand(strings.Trim(strings.TrimSpace(value), `"'`), getenv)
		}
	}
	registry = cmp.Or(settings["@embedded-postgres:registry"], getenv("npm_config_registry"), getenv("NPM_CONFIG_REGISTRY"),
		settings["registry"], defaultRegistry)
	_, address, _ := strings.Cut(registry, ":")
	return registry, settings[strings.TrimSuffix(address, "/")+"/:_authToken"]
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}
