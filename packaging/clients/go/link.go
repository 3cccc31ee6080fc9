package relevo

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	linkHeader, linkRecord       = 8, 64
	linkDatagrams, linkMessage   = 1, 2
	linkVersion                  = 1
	longestPayload               = 65536
	longestLinkPacket            = linkHeader + linkRecord + longestPayload
	addressSize                  = 24
	familyNone, family4, family6 = 0, 4, 6
)

// A Datagram is one that another worker received.
type Datagram struct {
	Payload []byte
	// Source and Destination are not valid where they were not said.
	Source, Destination netip.AddrPort
	// Received is zero where it was not said.
	Received time.Time
}

// A Message is the application's own; its files are the receiver's to close.
type Message struct {
	Payload []byte
	Files   []*os.File
}

func appendDatagram(out []byte, one *Datagram) []byte {
	out = binary.LittleEndian.AppendUint32(out, uint32(len(one.Payload)))
	out = binary.LittleEndian.AppendUint32(out, 0)
	var received uint64
	if !one.Received.IsZero() {
		received = uint64(one.Received.UnixNano())
	}
	out = binary.LittleEndian.AppendUint64(out, received)
	out = appendAddress(out, one.Source)
	out = appendAddress(out, one.Destination)
	out = append(out, one.Payload...)
	for len(out)%8 != 0 {
		out = append(out, 0)
	}
	return out
}

func appendAddress(out []byte, address netip.AddrPort) []byte {
	var written [addressSize]byte
	if address.IsValid() {
		family := uint16(family6)
		if address.Addr().Is4() {
			family = family4
		}
		binary.LittleEndian.PutUint16(written[0:], family)
		binary.LittleEndian.PutUint16(written[2:], address.Port())
		binary.LittleEndian.PutUint32(written[4:], scope(address.Addr().Zone()))
		copy(written[8:], address.Addr().AsSlice())
	}
	return append(out, written[:]...)
}

func scope(zone string) uint32 {
	if number, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(number)
	}
	if found, err := net.InterfaceByName(zone); err == nil {
		return uint32(found.Index)
	}
	return 0
}

func readAddress(data []byte) netip.AddrPort {
	port := binary.LittleEndian.Uint16(data[2:])
	switch binary.LittleEndian.Uint16(data) {
	case family4:
		return netip.AddrPortFrom(netip.AddrFrom4(*(*[4]byte)(data[8:12])), port)
	case family6:
		address := netip.AddrFrom16(*(*[16]byte)(data[8:24]))
		if number := binary.LittleEndian.Uint32(data[4:]); number != 0 {
			address = address.WithZone(strconv.FormatUint(uint64(number), 10))
		}
		return netip.AddrPortFrom(address, port)
	}
	return netip.AddrPort{}
}

func linkHead(kind byte, count int) []byte {
	return []byte{kind, linkVersion, byte(count), byte(count >> 8), 0, 0, 0, 0}
}

// decodeLink reads a packet's datagrams, or a message's payload; any bytes may come. Of a packet
// that breaks off what came before that is there.
func decodeLink(data []byte) (datagrams []*Datagram, message []byte, isMessage bool, err error) {
	if len(data) < linkHeader || data[1] != linkVersion {
		return nil, nil, false, ErrMalformed
	}
	switch data[0] {
	case linkMessage:
		return nil, data[linkHeader:], true, nil
	case linkDatagrams:
	default:
		return nil, nil, false, ErrMalformed
	}
	rest := data[linkHeader:]
	for count := binary.LittleEndian.Uint16(data[2:]); count > 0; count-- {
		if len(rest) < linkRecord {
			break
		}
		length := int(binary.LittleEndian.Uint32(rest))
		if length > len(rest)-linkRecord {
			break
		}
		one := &Datagram{
			Payload: append([]byte{}, rest[linkRecord:linkRecord+length]...),
			Source:  readAddress(rest[16:]), Destination: readAddress(rest[40:]),
		}
		if received := binary.LittleEndian.Uint64(rest[8:]); received != 0 {
			one.Received = time.Unix(0, int64(received))
		}
		datagrams = append(datagrams, one)
		end := linkRecord + length + (-length & 7)
		if end > len(rest) {
			end = len(rest)
		}
		rest = rest[end:]
	}
	if len(datagrams) == 0 {
		return nil, nil, false, ErrMalformed
	}
	return datagrams, nil, false, nil
}

// A Link is one end of a link between two workers. Receive is for one goroutine at a time, as are
// Forward, Flush and Send together; both sides may be used at once.
type Link struct {
	// Generation and Worker say who is at the other end.
	Generation, Worker uint64
	// Label is what the one that asked gave it.
	Label string
	// Asked says whether this worker asked for it.
	Asked bool

	over     *net.UnixConn
	sending  sync.Mutex
	gathered []byte
	count    int
	coming   []*Datagram
	room     []byte
}

func newLink(over *net.UnixConn, end linkEnd) *Link {
	return &Link{
		Generation: end.generation, Worker: end.worker, Label: end.label, Asked: end.isAsked,
		over: over,
	}
}

// Conn is the bare socket, for who wants to speak otherwise on it.
func (l *Link) Conn() *net.UnixConn { return l.over }

// Close ends the link: the other end reads end of file.
func (l *Link) Close() error { return l.over.Close() }

// Forward passes a datagram on. It is gathered with others and goes out when a packet is full, or
// with Flush; then it waits for room.
func (l *Link) Forward(one *Datagram) error {
	if len(one.Payload) > longestPayload {
		return errors.New("relevo: a datagram of more than 64 KiB")
	}
	l.sending.Lock()
	defer l.sending.Unlock()
	size := linkRecord + len(one.Payload) + 7
	if l.count > 0 && linkHeader+len(l.gathered)+size > longestLinkPacket {
		if err := l.flush(); err != nil {
			return err
		}
	}
	l.gathered = appendDatagram(l.gathered, one)
	l.count++
	return nil
}

// Flush sends what has been gathered.
func (l *Link) Flush() error {
	l.sending.Lock()
	defer l.sending.Unlock()
	return l.flush()
}

func (l *Link) flush() error {
	if l.count == 0 {
		return nil
	}
	err := send(l.over, append(linkHead(linkDatagrams, l.count), l.gathered...), nil)
	if err == nil {
		l.gathered, l.count = l.gathered[:0], 0
	}
	return err
}

// Send sends a message with files, which stay the caller's, after all datagrams gathered before.
func (l *Link) Send(payload []byte, files ...*os.File) error {
	if len(payload) > longestPayload || len(files) > mostDescriptors {
		return errors.New("relevo: a message has at most 64 KiB and 32 files")
	}
	l.sending.Lock()
	defer l.sending.Unlock()
	if err := l.flush(); err != nil {
		return err
	}
	return send(l.over, append(linkHead(linkMessage, 0), payload...), files)
}

// Receive waits for the next datagram or message; one of both is nil. It is ErrEnded when the other
// end is gone and all has been taken. After ErrMalformed the link goes on with the next packet.
func (l *Link) Receive() (*Datagram, *Message, error) {
	if len(l.coming) > 0 {
		one := l.coming[0]
		l.coming = l.coming[1:]
		return one, nil, nil
	}
	if l.room == nil {
		l.room = make([]byte, longestLinkPacket)
	}
	data, descriptors, err := receive(l.over, l.room, make([]byte, syscall.CmsgSpace(4*mostDescriptors)))
	if err != nil {
		closeAll(descriptors)
		if errors.Is(err, io.EOF) {
			err = ErrEnded
		}
		return nil, nil, err
	}
	datagrams, message, isMessage, err := decodeLink(data)
	if err == nil && isMessage {
		found := &Message{Payload: append([]byte{}, message...)}
		for _, number := range descriptors {
			found.Files = append(found.Files, os.NewFile(uintptr(number), fmt.Sprintf("link-%d", number)))
		}
		return nil, found, nil
	}
	closeAll(descriptors)
	if err != nil || len(descriptors) > 0 {
		return nil, nil, ErrMalformed
	}
	l.coming = datagrams[1:]
	return datagrams[0], nil, nil
}
