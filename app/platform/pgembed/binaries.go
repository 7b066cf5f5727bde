package pgembed

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gofrs/flock"
)

// lockfile is the single pin of the PostgreSQL binaries: version and sha512 of the package of every platform. It is
// written by `npm install --package-lock-only` beside package.json.
//
//go:embed package-lock.json
var lockfile []byte

// pin is one platform's package.
type pin struct {
	name, version, resolved, integrity string
}

// Version returns the PostgreSQL version of the embedded server, such as 18.4.0-beta.17.
func Version() string {
	p, err := platformPin(runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return ""
	}
	return p.version
}

func platformPin(goos, goarch string) (pin, error) {
	cpu := map[string]string{"amd64": "x64", "arm64": "arm64"}[goarch]
	name := "@embedded-postgres/" + goos + "-" + cpu
	var lock struct {
		Packages map[string]struct{ Version, Resolved, Integrity string }
	}
	if err := json.Unmarshal(lockfile, &lock); err != nil {
		return pin{}, fmt.Errorf("read package-lock.json: %w", err)
	}
	p, ok := lock.Packages["node_modules/"+name]
	if !ok {
		return pin{}, fmt.Errorf("no embedded PostgreSQL for %s/%s: set DATABASE_URL to a PostgreSQL of yours", goos, goarch)
	}
	return pin{name: name, version: p.Version, resolved: p.Resolved, integrity: p.Integrity}, nil
}

// binaries returns the directory with bin, lib and share of the pinned PostgreSQL. The first process of the machine's
// user fetches and unpacks it, the others wait for that one.
func binaries(ctx context.Context, acct account) (string, error) {
	p, err := platformPin(runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return "", err
	}
	cache, err := cacheDir(acct)
	if err != nil {
		return "", err
	}
	fingerprint := sha256.Sum256([]byte(p.integrity))
	home := filepath.Join(cache, "postgres-"+p.version+"-"+hex.EncodeToString(fingerprint[:4]))
	if complete(home) {
		return filepath.Join(home, "native"), nil
	}
	lock := flock.New(filepath.Join(cache, "fetch.lock"))
	if _, err := lock.TryLockContext(ctx, lockPolling); err != nil {
		return "", fmt.Errorf("wait for another download: %w", err)
	}
	defer func() { _ = lock.Unlock() }()
	if complete(home) {
		return filepath.Join(home, "native"), nil
	}
	if err := install(ctx, p, home); err != nil {
		return "", fmt.Errorf("install embedded PostgreSQL %s: %w", p.version, err)
	}
	return filepath.Join(home, "native"), nil
}

// complete relies on install renaming a finished tree into place.
func complete(home string) bool {
	_, err := os.Stat(filepath.Join(home, "native", "bin"))
	return err == nil
}

func install(ctx context.Context, p pin, home string) (err error) {
	tarball, err := configuredSource().fetch(ctx, p, filepath.Dir(home))
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tarball) }()
	unfinished, err := os.MkdirTemp(filepath.Dir(home), ".unpacking-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(unfinished) }()
	if err := unpack(tarball, unfinished); err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	if err := readable(unfinished); err != nil {
		return err
	}
	return os.Rename(unfinished, home)
}

// readable undoes a strict umask: another account may have to run these files.
func readable(dir string) error {
	return filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.Type()&os.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		mode := os.FileMode(0o644)
		if entry.IsDir() || info.Mode()&0o100 != 0 {
			mode = 0o755
		}
		return os.Chmod(name, mode)
	})
}

// cacheDir is per user. Root's is one that the account running PostgreSQL can reach.
func cacheDir(acct account) (string, error) {
	var dir string
	if acct.other() {
		dir = "/var/cache/tributary"
	} else {
		user, err := os.UserCacheDir()
		if err != nil {
			user = filepath.Join(os.TempDir(), fmt.Sprintf("cache-%d", os.Getuid()))
		}
		dir = filepath.Join(user, "tributary")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("create the cache directory: %w", err)
	}
	return dir, nil
}

// CacheDir returns the directory in which downloaded binaries and test clusters are kept.
func CacheDir() (string, error) {
	acct, err := chooseAccount()
	if err != nil {
		return "", err
	}
	return cacheDir(acct)
}

func executable(name string) string {
	if runtime.GOOS == "windows" && !strings.HasSuffix(name, ".exe") {
		return name + ".exe"
	}
	return name
}
