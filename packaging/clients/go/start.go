package relevo

import (
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
)

const firstInherited = 3

// A start is how this process was started, by its environment.
type start struct {
	channel   *net.UnixConn
	path      string
	inherited int
	names     []string
	notify    string
}

// look reads the environment; a channel is taken out of it, no child must find it.
func look() start {
	found := start{notify: os.Getenv("NOTIFY_SOCKET")}
	if number, err := strconv.ParseUint(os.Getenv("RELEVO_CHANNEL"), 10, 20); err == nil {
		if channel, err := packetConn(int(number)); err == nil {
			found.channel = channel
			os.Unsetenv("RELEVO_CHANNEL")
		}
	}
	if found.channel == nil {
		found.path = os.Getenv("RELEVO_SOCKET")
	}
	// A child of the process that these were meant for has the same variables.
	if os.Getenv("LISTEN_PID") == strconv.Itoa(os.Getpid()) {
		if count, err := strconv.ParseUint(os.Getenv("LISTEN_FDS"), 10, 16); err == nil {
			found.inherited = int(count)
			found.names = strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
		}
	}
	return found
}

func (s *start) name(place int) string {
	if place < len(s.names) {
		return s.names[place]
	}
	return ""
}

// localOf says what an IP socket is bound to; false for whatever else a descriptor is.
func localOf(number int) (isStream bool, local netip.AddrPort, isSocket bool) {
	kind, err := syscall.GetsockoptInt(number, syscall.SOL_SOCKET, syscall.SO_TYPE)
	if err != nil || kind != syscall.SOCK_STREAM && kind != syscall.SOCK_DGRAM {
		return false, netip.AddrPort{}, false
	}
	address, err := syscall.Getsockname(number)
	if err != nil {
		return false, netip.AddrPort{}, false
	}
	isStream = kind == syscall.SOCK_STREAM
	switch address := address.(type) {
	case *syscall.SockaddrInet4:
		return isStream, netip.AddrPortFrom(netip.AddrFrom4(address.Addr), uint16(address.Port)), true
	case *syscall.SockaddrInet6:
		return isStream, netip.AddrPortFrom(netip.AddrFrom16(address.Addr), uint16(address.Port)), true
	}
	return false, netip.AddrPort{}, false
}

// parseListener reads udp://HOST:PORT or tcp://HOST:PORT.
func parseListener(text string) (isStream bool, local netip.AddrPort, err error) {
	isStream = strings.HasPrefix(text, "tcp://")
	if !isStream && !strings.HasPrefix(text, "udp://") {
		return false, local, &net.AddrError{Err: "it does not begin with udp:// or tcp://", Addr: text}
	}
	local, err = netip.ParseAddrPort(text[len("udp://"):])
	return isStream, local, err
}

func (s *start) tell(text string) error {
	if s.notify == "" {
		return nil
	}
	out, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: s.notify, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer out.Close()
	_, err = out.Write([]byte(text))
	return err
}
