package relevo

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"math/bits"
)

// A seal is what ids are made with that lead to one socket: its stay in the slot, and a key.
type seal struct {
	stay uint16
	key  [2]uint64
}

func (s seal) make(configuration uint8, server []byte) ([]byte, error) {
	if configuration > 6 || len(server) > 9 {
		return nil, errors.New("the configuration is 0 to 6, and a server's id has at most 9 bytes")
	}
	size := 8
	if len(server) >= 5 {
		size = 13 - len(server)
	}
	start := append([]byte{configuration<<5 | uint8(len(server)+size+6)}, server...)
	nonce := make([]byte, size)
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return s.close(append(start, nonce...)), nil
}

// close makes an id of what comes before the stay.
func (s seal) close(start []byte) []byte {
	named := binary.BigEndian.AppendUint16(append([]byte{}, start...), s.stay)
	return binary.LittleEndian.AppendUint32(named, s.tag(named))
}

// made says whether an id was made with this seal.
func (s seal) made(id []byte) bool {
	count := len(id)
	return count >= 11 && count <= 20 && id[0]>>5 < 7 && int(id[0]&0x1f) == count-1 &&
		binary.BigEndian.Uint16(id[count-6:]) == s.stay &&
		binary.LittleEndian.Uint32(id[count-4:]) == s.tag(id[:count-4])
}

func (s seal) tag(named []byte) uint32 {
	var filled [16]byte
	copy(filled[:], named)
	return uint32(sipHash13(s.key, binary.LittleEndian.Uint64(filled[:8]),
		binary.LittleEndian.Uint64(filled[8:]), uint64(len(named)+4)))
}

// sipHash13 is SipHash-1-3 of whole words.
func sipHash13(key [2]uint64, words ...uint64) uint64 {
	v0, v1 := key[0]^0x736f6d6570736575, key[1]^0x646f72616e646f6d
	v2, v3 := key[0]^0x6c7967656e657261, key[1]^0x7465646279746573
	turn := func() {
		v0 += v1
		v1 = bits.RotateLeft64(v1, 13) ^ v0
		v0 = bits.RotateLeft64(v0, 32)
		v2 += v3
		v3 = bits.RotateLeft64(v3, 16) ^ v2
		v0 += v3
		v3 = bits.RotateLeft64(v3, 21) ^ v0
		v2 += v1
		v1 = bits.RotateLeft64(v1, 17) ^ v2
		v2 = bits.RotateLeft64(v2, 32)
	}
	for _, word := range words {
		v3 ^= word
		turn()
		v0 ^= word
	}
	v2 ^= 0xff
	for i := 0; i < 3; i++ {
		turn()
	}
	return v0 ^ v1 ^ v2 ^ v3
}
