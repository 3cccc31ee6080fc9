// Package relevo makes a process a worker of a Relevo service: its server is upgraded without a
// client noticing. It speaks the worker channel (CHANNEL.md).
package relevo

import (
	"context"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

const (
	mostPackets = 64
	mostWaiting = 64
	mostEvents  = 4096
	repeatAfter = 5 * time.Second
)

// Options are for a worker that the supervisor did not start: workers of the same Group are one
// generation, which is whole with that many Workers. Command is shown in status.
type Options struct {
	Group   string
	Workers int
	Command string
}

// A Listener is one of the service's, by the socket of it that this worker was given.
type Listener struct {
	// Name is as in LISTEN_FDNAMES.
	Name string
	// Address is as it is bound, udp://[::]:4433.
	Address string

	number       int
	conn         any
	hasSlot      bool
	listenerName uint64
	seal         *seal
}

// A Worker is this process as a worker of a Relevo service. Usable from every goroutine.
type Worker struct {
	// Service is empty, and Generation 0, without a supervisor.
	Service                    string
	Generation, Index, Workers uint64
	// Listeners are those of the service, in the order of LISTEN_FDS.
	Listeners []*Listener

	start  start
	over   *net.UnixConn
	events chan Event

	mutex   sync.Mutex
	changed *sync.Cond
	lastID  uint64
	asked   map[uint64]*request
	waiting []*outgoing
	owed    map[string]*packet
	queue   []Event
	isOver  bool
	isShut  bool
	shut    chan struct{}
	kept    []kept
}

type kept struct {
	name   string
	number int
}

type outgoing struct {
	data  []byte
	files []*os.File
}

type answer struct {
	message     any
	descriptors []int
}

type request struct {
	answers []answer
	err     error
	done    chan struct{}
}

// Open finds the supervisor and waits for its answer as long as ctx allows.
//
// Make one worker: it takes its channel out of the environment. Without a supervisor every call does
// what helps while a program is written: sockets are bound, nothing drains, nothing is kept. Under
// systemd alone LISTEN_FDS and NOTIFY_SOCKET are used. options may be nil.
func Open(ctx context.Context, options *Options) (*Worker, error) {
	w := &Worker{
		Workers: 1, start: look(), events: make(chan Event), asked: map[uint64]*request{},
		owed: map[string]*packet{}, shut: make(chan struct{}),
	}
	w.changed = sync.NewCond(&w.mutex)
	w.over = w.start.channel
	hello := newPacket("HELLO").with("VERSION", 1)
	if w.over == nil && w.start.path != "" {
		over, err := net.DialUnix("unixpacket", nil, &net.UnixAddr{Name: w.start.path, Net: "unixpacket"})
		if err != nil {
			return nil, err
		}
		w.over = over
		if options != nil {
			hello = options.wishes(hello)
		}
	}
	if w.over == nil {
		w.isOver = true
		w.adoptInherited()
		return w, nil
	}
	go w.read()
	go w.write()
	go w.pump()
	answers, err := w.ask(ctx, hello, nil)
	if err == nil {
		err = w.welcomed(answers)
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

func (o *Options) wishes(hello *packet) *packet {
	if o.Group != "" {
		hello.with("GROUP", o.Group)
	}
	if o.Workers > 0 {
		hello.with("WORKERS", o.Workers)
	}
	if o.Command != "" {
		hello.with("COMMAND", o.Command)
	}
	return hello
}

// Supervised says whether a supervisor listens; false also once the service is over.
func (w *Worker) Supervised() bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return !w.isOver
}

// Events is what the supervisor says. It is never closed: Ended is the last one.
func (w *Worker) Events() <-chan Event { return w.events }

// Close lets go of the channel, and of all sockets that were not taken.
func (w *Worker) Close() error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.isShut {
		return nil
	}
	w.isShut = true
	close(w.shut)
	w.end()
	for _, each := range w.Listeners {
		if each.conn == nil && each.number >= 0 {
			syscall.Close(each.number)
			each.number = -1
		}
	}
	for _, each := range w.kept {
		syscall.Close(each.number)
	}
	w.kept = nil
	if w.over != nil {
		return w.over.Close()
	}
	return nil
}
