package relevo

import (
	"net"
	"net/netip"
	"strconv"
)

// Ready says that all sockets are being served, or all but these of a joining worker's, by their
// place in Listeners, ascending.
func (w *Worker) Ready(unread ...int) error {
	ready := newPacket("READY")
	if len(unread) > 0 {
		text := ""
		for _, place := range unread {
			text += "," + strconv.Itoa(place)
		}
		ready.with("UNREAD", text[1:])
	}
	return w.owe(ready, "READY=1")
}

// Sessions says how many sessions there are, when that has changed, some times a second at most. A
// count above 0 holds the drain until 0 or Drained is said, however idle the flows are.
func (w *Worker) Sessions(count int) error {
	text := strconv.Itoa(max(count, 0))
	return w.owe(newPacket("SESSIONS").with("COUNT", text), "STATUS="+text+" sessions")
}

// Drained says, in a drain, that no session is left. Before it read the sockets until they are empty.
func (w *Worker) Drained() error { return w.owe(newPacket("DRAINED"), "") }

// owe is for what is told and not waited for: what finds no room is said later, and of each only the
// newest counts.
func (w *Worker) owe(what *packet, notice string) error {
	if w.over == nil {
		if notice == "" {
			return nil
		}
		return w.start.tell(notice)
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if !w.isOver {
		w.owed[what.verb] = what
		w.changed.Broadcast()
	}
	return nil
}

// Pin pins the flow of a peer to this worker; local is what the peer sends to, needed where the
// listener is bound to a wildcard, else the zero value. A refusal comes as an event.
func (w *Worker) Pin(on *net.UDPConn, peer, local netip.AddrPort) error {
	return w.name("PIN", on, peer, local)
}

// Unpin ends the flow of a peer: its next datagram counts as a new flow's.
func (w *Worker) Unpin(on *net.UDPConn, peer, local netip.AddrPort) error {
	return w.name("UNPIN", on, peer, local)
}

func (w *Worker) name(verb string, on *net.UDPConn, peer, local netip.AddrPort) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.isOver {
		return nil
	}
	found, err := w.given(on)
	if err != nil {
		return err
	}
	flow := newPacket(verb).with("LISTENER", found.listenerName).with("PEER", peer)
	if local.IsValid() {
		flow.with("LOCAL", local)
	}
	return w.say(flow)
}

func (w *Worker) say(what *packet) error {
	if len(w.waiting) >= mostWaiting {
		return ErrBusy
	}
	w.waiting = append(w.waiting, &outgoing{data: what.encoded()})
	w.changed.Broadcast()
	return nil
}
