// An echo server with sessions: what packaging/clients/conformance is run with.
//
// It answers the datagrams of relevo-load send, counts sessions, and answers questions; see "The echo
// worker" in packaging/clients/README.md. With --fail REASON it says that it cannot serve.
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"relevo"
)

const (
	header = 64
	idle   = 2 * time.Second
)

var request, answer = []byte("RLVO\x00\x01\x00\x01"), []byte("RLVO\x00\x02\x00\x01")

type session struct {
	flow  uint64
	count uint64
	seen  time.Time
}

type server struct {
	worker   *relevo.Worker
	conn     *net.UDPConn
	mutex    sync.Mutex
	sessions map[netip.AddrPort]*session
	heard    []string
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	worker, err := relevo.Open(ctx, nil)
	check(err)
	defer worker.Close()
	if len(os.Args) > 2 && os.Args[1] == "--fail" {
		check(worker.Failed(ctx, os.Args[2]))
		os.Exit(1)
	}
	conn, err := worker.UDP("echo", "udp://127.0.0.1:4433")
	check(err)
	s := &server{worker: worker, conn: conn, sessions: map[netip.AddrPort]*session{}}
	served := make(chan struct{})
	go func() {
		s.serve()
		close(served)
	}()
	check(worker.Ready())
	s.follow()
	// What waits in the socket is answered; then the read ends.
	check(conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond)))
	<-served
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// serve reads the socket until its deadline.
func (s *server) serve() {
	room := make([]byte, 2048)
	for {
		count, peer, err := s.conn.ReadFromUDPAddrPort(room)
		if err != nil {
			return
		}
		packet := room[:count]
		if count > 0 && packet[0] == '?' {
			go s.reply(string(packet), peer)
		} else if count >= header && bytes.HasPrefix(packet, request) {
			s.echo(packet, peer)
		}
	}
}

func (s *server) echo(packet []byte, peer netip.AddrPort) {
	flow := binary.BigEndian.Uint64(packet[8:])
	s.mutex.Lock()
	one := s.sessions[peer]
	if one == nil || one.flow != flow {
		one = &session{flow: flow}
		s.sessions[peer] = one
	}
	one.count++
	one.seen = time.Now()
	count := one.count
	s.mutex.Unlock()
	copy(packet, answer)
	binary.BigEndian.PutUint32(packet[32:], uint32(s.worker.Generation))
	binary.BigEndian.PutUint32(packet[36:], uint32(s.worker.Index))
	binary.BigEndian.PutUint64(packet[40:], uint64(os.Getpid()))
	binary.BigEndian.PutUint64(packet[48:], count)
	_, _ = s.conn.WriteToUDPAddrPort(packet, peer)
}

func (s *server) reply(question string, peer netip.AddrPort) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	said, err := s.answer(ctx, strings.Fields(question))
	var refused *relevo.Refused
	if errors.As(err, &refused) {
		said = "refused " + refused.Code
	} else if err != nil {
		said = "error " + err.Error()
	}
	_, _ = s.conn.WriteToUDPAddrPort([]byte(said), peer)
}

func (s *server) answer(ctx context.Context, words []string) (string, error) {
	w := s.worker
	words = append(words, "", "")
	switch words[0] {
	case "?who":
		return fmt.Sprint(w.Service, " ", w.Generation, " ", w.Index, " ", w.Workers), nil
	case "?heard":
		s.mutex.Lock()
		defer s.mutex.Unlock()
		return strings.Join(append([]string{}, s.heard...), " "), nil
	case "?link":
		link, err := w.Link(ctx, relevo.Target(words[1]), -1, "echo")
		if err != nil {
			return "", err
		}
		defer link.Close()
		if err := link.Send([]byte(words[2])); err != nil {
			return "", err
		}
		_, message, err := link.Receive()
		if err != nil || message == nil {
			return "", err
		}
		return string(message.Payload), nil
	case "?pin", "?unpin":
		peer, err := netip.ParseAddrPort(words[1])
		if err != nil {
			return "", err
		}
		if words[0] == "?pin" {
			return "ok", w.Pin(s.conn, peer, netip.AddrPort{})
		}
		return "ok", w.Unpin(s.conn, peer, netip.AddrPort{})
	case "?store":
		file, err := os.CreateTemp("", "echo")
		if err != nil {
			return "", err
		}
		defer file.Close()
		defer os.Remove(file.Name())
		if _, err := file.WriteString(words[2]); err != nil {
			return "", err
		}
		return "ok", w.Store(ctx, words[1], file)
	case "?kept":
		if err := w.Fetch(ctx); err != nil {
			return "", err
		}
		file := w.Take(words[1])
		if file == nil {
			return "-", nil
		}
		defer file.Close()
		text, err := io.ReadAll(io.NewSectionReader(file, 0, 1000))
		return string(text), err
	case "?forget":
		return "ok", w.Forget(ctx, words[1])
	case "?leave":
		return "ok", w.Leave(ctx)
	case "?fail":
		return "ok", w.Failed(ctx, words[1])
	}
	return "unknown", nil
}

// follow does as the supervisor says, until it is to end.
func (s *server) follow() {
	isDraining, told := false, -1
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case event := <-s.worker.Events():
			word := ""
			switch event := event.(type) {
			case relevo.Drain:
				word, isDraining, told = "drain", true, -1
			case relevo.Resume:
				word, isDraining, told = "resume", false, -1
			case relevo.Stop:
				word = "stop"
			case relevo.Ended:
				word = "ended"
			case relevo.LinkOffered:
				word = "linkoffer"
				go s.speak(event.Link)
			case relevo.Refusal:
				word = "refusal"
			}
			fmt.Println("heard", word)
			s.mutex.Lock()
			s.heard = append(s.heard, word)
			s.mutex.Unlock()
			if word == "stop" || word == "ended" {
				return
			}
		case <-tick.C:
		}
		count := s.living()
		if count == told {
			continue
		}
		told = count
		check(s.worker.Sessions(count))
		if isDraining && count == 0 {
			check(s.worker.Drained())
		}
	}
}

// speak answers what comes over a link with the generation before it.
func (s *server) speak(link *relevo.Link) {
	defer link.Close()
	for {
		_, message, err := link.Receive()
		if err != nil {
			return
		}
		if message != nil {
			_ = link.Send([]byte(fmt.Sprint(s.worker.Generation, ":", string(message.Payload))))
		}
	}
}

// living ends silent sessions, and counts the others.
func (s *server) living() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for peer, one := range s.sessions {
		if time.Since(one.seen) > idle {
			delete(s.sessions, peer)
		}
	}
	return len(s.sessions)
}
