//go:build unix

package pgembed

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
)

const (
	fastShutdown      = syscall.SIGINT
	immediateShutdown = syscall.SIGQUIT
)

// account is as whom PostgreSQL runs: it refuses to run as root.
type account struct {
	name     string
	uid, gid uint32
	switched bool // to another uid, which owns the data
	inside   bool // to another uid inside a user namespace; outside it is us
}

// chooseAccount takes ourselves, or for root an account that exists everywhere.
func chooseAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			continue
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil || uid == 0 {
			continue
		}
		return account{name: name, uid: uint32(uid), gid: uint32(gid), switched: true}, nil
	}
	return account{}, fmt.Errorf("PostgreSQL does not run as root, and neither postgres nor nobody exists here: start the program as another user, or set DATABASE_URL")
}

// other reports whether the program is root and PostgreSQL must be somebody else.
func (a account) other() bool { return a.switched || a.inside }

func (a account) mapped() account {
	a.switched, a.inside = false, true
	return a
}

// attributes puts the server into a process group of its own, or Ctrl-C would stop it before the program has drained.
func (a account) attributes(diesWithUs bool) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a.other() {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid, NoSetGroups: a.inside}
	}
	a.linuxAttributes(attr, diesWithUs)
	return attr
}

// reaches reports whether the account can enter dir, judging by owner and mode of each directory above it.
func (a account) reaches(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil {
			return false
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return false
		}
		bit := os.FileMode(0o001)
		switch {
		case stat.Uid == a.uid:
			bit = 0o100
		case stat.Gid == a.gid:
			bit = 0o010
		}
		if info.Mode()&bit == 0 {
			return false
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		return true
	}
}

// privateTo makes the account the only one that can enter dir, and refuses a directory that somebody else prepared.
func privateTo(dir string, a account) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || (int(stat.Uid) != os.Geteuid() && !(a.switched && stat.Uid == a.uid)) {
		return fmt.Errorf("%s belongs to somebody else", dir)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return err
	}
	if a.switched {
		return os.Chown(dir, int(a.uid), int(a.gid))
	}
	return nil
}

func defaultDir(a account) string {
	if a.other() {
		return "/var/lib/tributary/postgres"
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "tributary", "postgres")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return filepath.Join(os.TempDir(), fmt.Sprintf("tributary-%d", os.Getuid()), "postgres")
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "tributary", "postgres")
	}
	return filepath.Join(home, ".local", "share", "tributary", "postgres")
}

// shortTempDir ignores TMPDIR, which on macOS is itself half as long as a socket's path may be.
func shortTempDir() string { return "/tmp" }
