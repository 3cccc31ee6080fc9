package relevo

import (
	"math"
	"time"
	"unsafe"

	"syscall"
)

// An Event is what a worker hears: Drain, Resume, Stop, LinkOffered, Refusal or Ended.
type Event interface{ isEvent() }

// Drain says that new flows go elsewhere from now on: serve the sessions there are, then say Drained.
// It comes again when the deadline has changed, which is zero for never.
type Drain struct{ Deadline time.Time }

// Resume says that the drain is off, and new flows may come again.
type Resume struct{}

// Stop says to end now: the process is killed at the deadline.
type Stop struct{ Deadline time.Time }

// LinkOffered brings a link that the other end asked for.
type LinkOffered struct{ Link *Link }

// Refusal says that something that was said without waiting for an answer had no effect.
type Refusal struct{ Code, Reason string }

// Ended says that the service is over for this worker: nobody will answer any more.
type Ended struct{}

func (Drain) isEvent()       {}
func (Resume) isEvent()      {}
func (Stop) isEvent()        {}
func (LinkOffered) isEvent() {}
func (Refusal) isEvent()     {}
func (Ended) isEvent()       {}

// deadlineAfter is on this process's clock. deadline knows how long the packet lay in the queue; in
// another time namespace it means nothing, and left is what there is. Both in milliseconds.
func deadlineAfter(left uint64, deadline *uint64) time.Time {
	rest := left
	if boot := boottime(); deadline != nil && *deadline >= boot && *deadline-boot <= left {
		rest = *deadline - boot
	}
	if rest > math.MaxInt64/uint64(time.Millisecond) {
		rest = math.MaxInt64 / uint64(time.Millisecond)
	}
	return time.Now().Add(time.Duration(rest) * time.Millisecond)
}

// boottime is CLOCK_BOOTTIME in milliseconds, which the time package does not have.
func boottime() uint64 {
	const clockBoottime = 7
	var now syscall.Timespec
	_, _, failed := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockBoottime,
		uintptr(unsafe.Pointer(&now)), 0)
	if failed != 0 {
		return 0
	}
	return uint64(now.Nano() / int64(time.Millisecond))
}
