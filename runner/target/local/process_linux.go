package local

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// startTime returns when pid was started, in clock ticks since the boot that it
// names. See proc_pid_stat(5): state is field 3, starttime field 22. A zombie has ended.
func startTime(pid int) (string, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", errNoProcess
	}
	// The command's name in field 2 is in parentheses and may hold any character.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return "", errNoProcess
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(boot)) + "/" + fields[19], nil
}

// dieWithParent makes the kernel kill the child when the thread that started it
// ends: start it from a locked thread. See PR_SET_PDEATHSIG(2const).
func dieWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }
