package relevo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

const greeting = "WELCOME\nID=1\nVERSION=1\nSERVICE=echo\nGENERATION=2\nWORKER=1\nWORKERS=3"

// A supervisor is the other end of a channel. What it says lies in the worker's queue before the worker
// asks: requests count from 1.
type supervisor struct {
	t    *testing.T
	over *net.UnixConn
}

func newSupervisor(t *testing.T) *supervisor {
	for _, variable := range []string{"RELEVO_CHANNEL", "RELEVO_SOCKET", "LISTEN_FDS", "LISTEN_PID",
		"LISTEN_FDNAMES", "NOTIFY_SOCKET"} {
		t.Setenv(variable, "")
	}
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_SEQPACKET|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	over, err := packetConn(ends[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { over.Close() })
	t.Setenv("RELEVO_CHANNEL", fmt.Sprint(ends[1]))
	return &supervisor{t, over}
}

func (s *supervisor) say(text string, files ...*os.File) {
	s.t.Helper()
	if err := send(s.over, []byte(text), files); err != nil {
		s.t.Fatal(err)
	}
}

func (s *supervisor) hear(wanted string) {
	s.t.Helper()
	data, descriptors, err := receive(s.over, make([]byte, 4096), make([]byte, syscall.CmsgSpace(4*32)))
	closeAll(descriptors)
	if err != nil || string(data) != wanted {
		s.t.Fatalf("heard %q, %v, not %q", data, err, wanted)
	}
}

func (s *supervisor) open() *Worker {
	s.t.Helper()
	s.say(greeting)
	worker, err := Open(context.Background(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { worker.Close() })
	s.hear("HELLO\nID=1\nVERSION=1")
	return worker
}

func next(t *testing.T, worker *Worker) Event {
	t.Helper()
	select {
	case event := <-worker.Events():
		return event
	case <-time.After(10 * time.Second):
		t.Fatal("no event")
		return nil
	}
}

func udpFile(t *testing.T) (*os.File, string) {
	made, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer made.Close()
	file, err := made.File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file, made.LocalAddr().String()
}

func TestItTakesItsSocketsAndWhatIsKept(t *testing.T) {
	s := newSupervisor(t)
	file, place := udpFile(t)
	s.say(greeting+"\nSOCKET=4 3 udp://"+place+" front door\nMORE=1", file)
	s.say(greeting+"\nSTORED=note", file)
	worker, err := Open(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer worker.Close()
	s.hear("HELLO\nID=1\nVERSION=1")
	if os.Getenv("RELEVO_CHANNEL") != "" || worker.Service != "echo" || worker.Generation != 2 ||
		worker.Index != 1 || worker.Workers != 3 {
		t.Errorf("%+v", worker)
	}
	conn, err := worker.UDP("front door", "")
	if err != nil || conn.LocalAddr().String() != place {
		t.Fatal(conn, err)
	}
	defer conn.Close()
	if _, err := worker.UDP("front door", ""); !errors.Is(err, ErrNoListener) {
		t.Error(err)
	}
	if err := worker.Pin(conn, netip.MustParseAddrPort("[2001:db8::7]:1"), netip.AddrPort{}); err != nil {
		t.Error(err)
	}
	s.hear("PIN\nLISTENER=4\nPEER=[2001:db8::7]:1")
	if _, err := worker.MakeID(conn, 0, nil); !errors.Is(err, ErrNotSteered) {
		t.Error(err)
	}
	note := worker.Take("note")
	if note == nil || worker.Take("note") != nil {
		t.Fatal("what was kept")
	}
	note.Close()
}

func TestAWelcomeThatLiesIsAnErrorAndLeavesNothing(t *testing.T) {
	file, place := udpFile(t)
	before := descriptors(t)
	for _, text := range []string{greeting + "\nSOCKET=0 3 udp://127.0.0.1:1 a", "WELCOME\nID=1",
		greeting + "\nSOCKET=0 3 tcp://" + place + " a", greeting, "OK\nID=1"} {
		s := newSupervisor(t)
		s.say(text, file)
		if worker, err := Open(context.Background(), nil); !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %v, %v", text, worker, err)
		}
		s.over.Close()
	}
	for end := time.Now().Add(10 * time.Second); descriptors(t) != before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d descriptors, not %d", descriptors(t), before)
		}
	}
}

func descriptors(t *testing.T) int {
	found, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

func TestItHearsWhatTheSupervisorSays(t *testing.T) {
	s := newSupervisor(t)
	worker := s.open()
	s.say("DRAIN\nDEADLINE=0\nLEFT=60000")
	s.say("DANCE")
	s.say("no packet", os.Stdin)
	s.say("RESUME")
	s.say("DRAIN")
	s.say("STOP\nLEFT=0")
	drain, _ := next(t, worker).(Drain)
	if left := time.Until(drain.Deadline); left < 55*time.Second || left > time.Minute {
		t.Error(left)
	}
	if event := next(t, worker); event != (Resume{}) {
		t.Error(event)
	}
	if event := next(t, worker); event != (Drain{}) {
		t.Error(event)
	}
	if _, isStop := next(t, worker).(Stop); !isStop {
		t.Error("no stop")
	}
	s.over.Close()
	if event := next(t, worker); event != (Ended{}) || worker.Supervised() {
		t.Error(event)
	}
	if _, err := worker.Link(context.Background(), Older, -1, ""); !errors.Is(err, ErrUnsupported) {
		t.Error(err)
	}
}

func TestRequestsAreAnsweredRefusedAndGivenUp(t *testing.T) {
	s := newSupervisor(t)
	worker := s.open()
	s.say("OK\nID=99", os.Stdin)
	answers := make(chan error)
	go func() { answers <- worker.Store(context.Background(), "note", os.Stdin) }()
	s.hear("STORE\nID=2\nNAME=note")
	s.say("OK\nID=2")
	if err := <-answers; err != nil {
		t.Error(err)
	}
	go func() {
		_, err := worker.Link(context.Background(), GenerationNumber(9), 0, "x")
		answers <- err
	}()
	s.hear("LINK\nID=3\nTO=9\nWORKER=0\nLABEL=x")
	s.say("ERROR\nID=3\nCODE=unknown\nREASON=nobody")
	var refused *Refused
	if err := <-answers; !errors.As(err, &refused) || refused.Code != "unknown" {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { answers <- worker.Fetch(ctx) }()
	s.hear("FETCH\nID=4")
	s.say("STORED\nID=4\nSTORED=a\nMORE=1", os.Stdin)
	cancel()
	if err := <-answers; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for _, lie := range []string{"LINK\nID=5\nROLE=asked\nGENERATION=1\nWORKER=0", "LINK\nID=6", "OK\nID=7"} {
		go func() {
			_, err := worker.Link(context.Background(), Older, -1, "")
			answers <- err
		}()
		s.hear("LINK\nID=" + lie[strings.Index(lie, "=")+1:][:1] + "\nTO=older")
		s.say(lie)
		if err := <-answers; !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %v", lie, err)
		}
	}
	go func() { answers <- worker.Leave(context.Background()) }()
	s.hear("LEAVE\nID=8")
	s.over.Close()
	if err := <-answers; !errors.Is(err, ErrEnded) {
		t.Error(err)
	}
}

func TestOfCountsThatFindNoRoomOnlyTheNewestIsSaid(t *testing.T) {
	s := newSupervisor(t)
	worker := s.open()
	for count := 0; count <= 100_000; count++ {
		if err := worker.Sessions(count); err != nil {
			t.Fatal(err)
		}
	}
	heard := 0
	for last := ""; last != "SESSIONS\nCOUNT=100000"; heard++ {
		data, _, err := receive(s.over, make([]byte, 4096), nil)
		if err != nil {
			t.Fatal(err)
		}
		last = string(data)
	}
	if heard > 90_000 {
		t.Error(heard)
	}
}

func TestALinkTakesDatagramsAndMessages(t *testing.T) {
	s := newSupervisor(t)
	worker := s.open()
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_SEQPACKET|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(ends[0]), "link")
	s.say("LINK\nROLE=offered\nGENERATION=1\nWORKER=0\nLABEL=a b", file)
	file.Close()
	other, err := openLink(linkEnd{}, ends[1])
	if err != nil {
		t.Fatal(err)
	}
	offered, _ := next(t, worker).(LinkOffered)
	link := offered.Link
	defer link.Close()
	if link.Generation != 1 || link.Asked || link.Label != "a b" {
		t.Errorf("%+v", link)
	}
	one := &Datagram{Payload: make([]byte, 65507), Source: netip.MustParseAddrPort("192.0.2.7:9")}
	if err := other.Forward(one); err != nil {
		t.Fatal(err)
	}
	if err := other.Send([]byte("hello"), os.Stdin); err != nil {
		t.Fatal(err)
	}
	found, _, err := link.Receive()
	if err != nil || len(found.Payload) != 65507 || found.Source != one.Source {
		t.Fatal(err)
	}
	_, message, err := link.Receive()
	if err != nil || string(message.Payload) != "hello" || len(message.Files) != 1 {
		t.Fatal(err)
	}
	message.Files[0].Close()
	other.Close()
	if _, _, err := link.Receive(); !errors.Is(err, ErrEnded) {
		t.Error(err)
	}
}

func TestWithoutASupervisorItBindsByItself(t *testing.T) {
	newSupervisor(t)
	t.Setenv("RELEVO_CHANNEL", "")
	worker, err := Open(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer worker.Close()
	first, err := worker.UDP("echo", "udp://127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := worker.UDP("echo", "udp://"+first.LocalAddr().String())
	if err != nil {
		t.Fatal("the port is not shared: ", err)
	}
	second.Close()
	if id, err := worker.MakeID(first, 0, nil); err != nil || len(id) != 15 {
		t.Error(id, err)
	}
	if worker.Ready() != nil || worker.Sessions(3) != nil || worker.Drained() != nil ||
		worker.Store(context.Background(), "x", os.Stdin) != nil {
		t.Error("a call fails")
	}
	if _, err := worker.UDP("echo", "udp://example.org:1"); err == nil {
		t.Error("a host's name is taken")
	}
}
