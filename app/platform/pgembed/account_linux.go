package pgembed

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

func (a account) linuxAttributes(attr *syscall.SysProcAttr, diesWithUs bool) {
	if diesWithUs {
		attr.Pdeathsig = fastShutdown
	}
	if a.inside {
		attr.Cloneflags = syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: int(a.uid), HostID: os.Geteuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: int(a.gid), HostID: os.Getegid(), Size: 1}}
	}
}

// serves reports whether the process is a PostgreSQL on the data directory; a process id alone may have been reused.
func serves(pid int, data string) bool {
	cmdline, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		return false
	}
	args := bytes.Split(cmdline, []byte{0})
	return len(args) > 2 && bytes.HasSuffix(args[0], []byte("postgres")) && string(args[2]) == data
}
