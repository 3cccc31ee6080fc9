package relevo

import (
	"context"
	"net"
	"os"
	"syscall"
)

// welcomed takes over what WELCOME brings.
func (w *Worker) welcomed(answers []answer) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, each := range answers {
		found, isWelcome := each.message.(welcome)
		if !isWelcome || len(each.descriptors) != len(found.sockets)+len(found.stored) {
			return w.refuse(answers)
		}
		w.Service, w.Generation = found.service, found.generation
		w.Index, w.Workers = found.worker, found.workers
		for place, line := range found.sockets {
			isStream, wanted, err := parseListener(line.address)
			isTCP, local, isSocket := localOf(each.descriptors[place])
			if err != nil || !isSocket || isStream != isTCP || wanted.Port() != local.Port() {
				return w.refuse(answers)
			}
			w.Listeners = append(w.Listeners, &Listener{
				Name: line.name, Address: line.address, number: each.descriptors[place],
				hasSlot: true, listenerName: line.listener, seal: line.seal,
			})
		}
		for place, name := range found.stored {
			w.kept = append(w.kept, kept{name, each.descriptors[len(found.sockets)+place]})
		}
	}
	// What was inherited as well has come twice.
	if count := w.start.inherited; count == len(w.Listeners)+len(w.kept) {
		for number := firstInherited; number < firstInherited+count; number++ {
			if _, _, isSocket := localOf(number); isSocket || number >= firstInherited+len(w.Listeners) {
				syscall.Close(number)
			}
		}
	}
	return nil
}

func (w *Worker) refuse(answers []answer) error {
	w.Listeners, w.kept = nil, nil
	drop(answers)
	return ErrMalformed
}

// adoptInherited takes what came with LISTEN_FDS alone: IP sockets are listeners, all else was kept.
func (w *Worker) adoptInherited() {
	for place := 0; place < w.start.inherited; place++ {
		number := firstInherited + place
		var status syscall.Stat_t
		if syscall.Fstat(number, &status) != nil {
			continue
		}
		syscall.CloseOnExec(number)
		if isStream, local, isSocket := localOf(number); isSocket {
			scheme := "udp://"
			if isStream {
				scheme = "tcp://"
			}
			w.Listeners = append(w.Listeners, &Listener{
				Name: w.start.name(place), Address: scheme + local.String(), number: number,
			})
		} else {
			w.kept = append(w.kept, kept{w.start.name(place), number})
		}
	}
}

// UDP is the socket of the listener with this name, or with this address; once each. Where nobody
// gives sockets one is bound to the address, udp://127.0.0.1:4433, with SO_REUSEPORT.
func (w *Worker) UDP(name, address string) (*net.UDPConn, error) {
	found, err := w.take(name, address, false)
	if err != nil {
		return nil, err
	}
	return found.(*net.UDPConn), nil
}

// TCP is the same for a listener of connections, tcp://127.0.0.1:443.
func (w *Worker) TCP(name, address string) (*net.TCPListener, error) {
	found, err := w.take(name, address, true)
	if err != nil {
		return nil, err
	}
	return found.(*net.TCPListener), nil
}

func (w *Worker) take(name, address string, isStream bool) (any, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, isWanted := range []func(*Listener) bool{
		func(each *Listener) bool { return each.Name == name },
		func(each *Listener) bool { return each.Address == address },
	} {
		for _, each := range w.Listeners {
			if each.conn != nil || each.number < 0 || !isWanted(each) || each.isStream() != isStream {
				continue
			}
			// It is duplicated, and stays the same socket.
			file := os.NewFile(uintptr(each.number), each.Name)
			defer file.Close()
			var err error
			each.number = -1
			if isStream {
				each.conn, err = net.FileListener(file)
			} else {
				each.conn, err = net.FilePacketConn(file)
			}
			return each.conn, err
		}
	}
	if w.over != nil || w.start.inherited > 0 {
		return nil, ErrNoListener
	}
	return bind(address, isStream)
}

func (l *Listener) isStream() bool { return len(l.Address) > 3 && l.Address[:3] == "tcp" }

// bind is as a supervisor would: in a reuseport group, so that a second process can come.
func bind(address string, wantsStream bool) (any, error) {
	isStream, local, err := parseListener(address)
	if err != nil {
		return nil, err
	}
	if isStream != wantsStream {
		return nil, &net.AddrError{Err: "of the other protocol", Addr: address}
	}
	const reusePort = 15 // SO_REUSEPORT
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		var failed error
		err := raw.Control(func(number uintptr) {
			failed = syscall.SetsockoptInt(int(number), syscall.SOL_SOCKET, reusePort, 1)
		})
		if err != nil {
			return err
		}
		return failed
	}}
	family := "6"
	if local.Addr().Is4() {
		family = "4"
	}
	if isStream {
		return config.Listen(context.Background(), "tcp"+family, local.String())
	}
	return config.ListenPacket(context.Background(), "udp"+family, local.String())
}

func (w *Worker) given(conn any) (*Listener, error) {
	for _, each := range w.Listeners {
		if each.conn != nil && each.conn == conn {
			return each, nil
		}
	}
	return nil, ErrNoListener
}

// MakeID makes a QUIC connection id that leads to this worker's slot of the listener, for
// Steering=quic. configuration and server are for a load balancer in front, 0 and nil without one.
// Without a supervisor it leads nowhere.
func (w *Worker) MakeID(on *net.UDPConn, configuration uint8, server []byte) ([]byte, error) {
	found, err := w.sealOf(on)
	if err != nil {
		return nil, err
	}
	if found == nil {
		found = &seal{}
	}
	return found.make(configuration, server)
}

// OwnsID says whether an id was made by this worker, or by one before it in the same stay.
func (w *Worker) OwnsID(id []byte, on *net.UDPConn) (bool, error) {
	found, err := w.sealOf(on)
	return found != nil && found.made(id), err
}

func (w *Worker) sealOf(on *net.UDPConn) (*seal, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	found, err := w.given(on)
	if err != nil || !found.hasSlot {
		if w.over == nil {
			return nil, nil
		}
		return nil, err
	}
	if found.seal == nil {
		return nil, ErrNotSteered
	}
	return found.seal, nil
}
