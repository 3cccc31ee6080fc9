import Kernel

/// Compiles "a hash of the source picks one of these slots" into classic BPF.
struct ClassicProgram: Equatable {
    private(set) var instructions: [ClassicInstruction] = []

    init(seed: UInt32, slots: [Int]) {
        precondition(!slots.isEmpty && slots.count <= 512, "1 to 512 slots")
        loadHash(seed: seed)
        emit(.modulo, UInt32(slots.count))
        pick(slots)
    }

    /// The same, but a canary's clients go to other slots.
    init(seed: UInt32, slots: [Int], canary: SteeringCanary, to places: [Int]) {
        let theirs = ClassicProgram(seed: seed, slots: places).instructions
        if canary.part > 0 {
            loadAddressHash(seed: UInt32(truncatingIfNeeded: canary.key))
            instructions.append(.make(.jumpIfAtLeast, canary.part, whenFalse: 1))
        }
        emit(.jump, UInt32(theirs.count))
        instructions =
            Self.search(canary.networks, elsewhere: instructions) + theirs
            + ClassicProgram(seed: seed, slots: slots).instructions
    }

    /// Jumps behind what is done elsewhere where the source address is in one of the networks.
    private static func search(
        _ networks: [SteeringNetwork], elsewhere: [ClassicInstruction]
    ) -> [ClassicInstruction] {
        if networks.isEmpty { return elsewhere }
        // Built from its end, so that it is known how far each jump goes.
        func search(of networks: [SteeringNetwork], over behind: Int) -> [ClassicInstruction] {
            var code = [ClassicInstruction.make(.jump, UInt32(behind))]
            for network in networks.reversed() {
                let distance = UInt32(code.count + behind + elsewhere.count)
                code = comparison(with: network) + [.make(.jump, distance)] + code
            }
            return code
        }
        let ipv6 = search(of: networks.filter(\.isIPv6), over: 0)
        let ipv4 = search(of: networks.filter { !$0.isIPv6 }, over: ipv6.count)
        let family: [ClassicInstruction] = [
            .make(.loadByte, network), .make(.shiftRight, 4), .make(.jumpIfEqual, 6, whenFalse: 1),
            .make(.jump, UInt32(ipv4.count)),
        ]
        return family + ipv4 + ipv6 + elsewhere
    }

    /// Goes on where the source address is in the network, else behind the next instruction.
    private static func comparison(with network: SteeringNetwork) -> [ClassicInstruction] {
        let first: UInt32 = network.isIPv6 ? 8 : 12
        var code: [ClassicInstruction] = []
        for at in stride(from: 0, to: network.address.count, by: 4).reversed() {
            let mask = word(network.mask[at..<at + 4])
            if mask == 0 { continue }
            let address = word(network.address[at..<at + 4])
            let rest = UInt8(code.count + 1)
            code =
                [
                    .make(.loadWord, Self.network + first + UInt32(at)), .make(.and, mask),
                    .make(.jumpIfEqual, address, whenFalse: rest),
                ] + code
        }
        return code
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Another program, but for a datagram that begins with these words: that one goes to one member of the group.
    init(probe words: [UInt32], to place: Int, else other: ClassicProgram) {
        // A load behind the end of the datagram would end the program.
        var test: [ClassicInstruction] = [
            .make(.loadLength, 0),
            .make(.jumpIfAtLeast, UInt32(words.count * 4), whenFalse: UInt8(words.count * 2 + 1)),
        ]
        for (index, word) in words.enumerated() {
            let left = words.count - 1 - index
            test += [
                .make(.loadWord, UInt32(index * 4)),
                .make(.jumpIfEqual, word, whenFalse: UInt8(left * 2 + 1)),
            ]
        }
        test.append(.make(.returnImmediate, UInt32(place)))
        instructions = test + other.instructions
    }

    /// Leaves 32 well mixed bits of source address and source port in the accumulator.
    ///
    /// Offsets count from the IP header: offset 0 is the payload behind the transport header.
    private mutating func loadHash(seed: UInt32) {
        let ipv6: [ClassicInstruction] =
            Self.fold(words: [8, 12, 16, 20], seed: seed) + [
                // The port is found where no extension header is in between: UDP 17, TCP 6.
                .make(.loadByte, Self.network + 6), .make(.jumpIfEqual, 17, whenTrue: 1),
                .make(.jumpIfEqual, 6, whenFalse: 2), .make(.loadHalf, Self.network + 40),
                .make(.jump, 1), .make(.loadImmediate, 0),
            ]
        let ipv4: [ClassicInstruction] =
            Self.fold(words: [12], seed: seed) + [
                .make(.loadHeaderLength, Self.network), .make(.loadHalfIndexed, Self.network),
            ]
        emit(ipv4: ipv4, ipv6: ipv6)
        // The port is in the accumulator, the folded address in the first word of scratch memory.
        emit(.multiply, 0x9E37_79B1)
        emit(.loadIndexFromMemory, 0)
        emit(.exclusiveOrIndex, 0)
        mix()
    }

    /// Leaves 32 well mixed bits of the source address alone in the accumulator.
    private mutating func loadAddressHash(seed: UInt32) {
        emit(
            ipv4: Self.fold(words: [12], seed: seed),
            ipv6: Self.fold(words: [8, 12, 16, 20], seed: seed))
        emit(.loadIndexFromMemory, 0)
        emit(.loadImmediate, 0)
        emit(.exclusiveOrIndex, 0)
        mix()
    }

    /// One or the other, as the datagram's IP header says.
    private mutating func emit(ipv4: [ClassicInstruction], ipv6: [ClassicInstruction]) {
        emit(.loadByte, Self.network)
        emit(.shiftRight, 4)
        instructions.append(.make(.jumpIfEqual, 6, whenFalse: UInt8(ipv6.count + 1)))
        instructions += ipv6
        emit(.jump, UInt32(ipv4.count))
        instructions += ipv4
    }

    /// Spreads what is in the accumulator over all its bits.
    private mutating func mix() {
        for factor: UInt32 in [0x85EB_CA6B, 0xC2B2_AE35] {
            emit(.moveToIndex, 0)
            emit(.shiftRight, 15)
            emit(.exclusiveOrIndex, 0)
            emit(.multiply, factor)
        }
        emit(.moveToIndex, 0)
        emit(.shiftRight, 16)
        emit(.exclusiveOrIndex, 0)
    }

    /// Folds words of the IP header into the first word of scratch memory.
    private static func fold(words: [UInt32], seed: UInt32) -> [ClassicInstruction] {
        var code = [ClassicInstruction.make(.loadImmediate, seed), .make(.moveToIndex, 0)]
        for word in words {
            code += [
                .make(.loadWord, network + word), .make(.exclusiveOrIndex, 0),
                .make(.multiply, 0x01D8_AF07), .make(.moveToIndex, 0), .make(.shiftRight, 15),
                .make(.exclusiveOrIndex, 0), .make(.moveToIndex, 0),
            ]
        }
        return code + [.make(.storeIndex, 0)]
    }

    /// Turns the number in the accumulator into a slot.
    private mutating func pick(_ slots: [Int]) {
        let isRun = zip(slots, slots.dropFirst()).allSatisfy { $0 + 1 == $1 }
        if isRun {
            emit(.add, UInt32(slots[0]))
            emit(.returnAccumulator, 0)
            return
        }
        for (number, slot) in slots.enumerated() {
            instructions.append(.make(.jumpIfEqual, UInt32(number), whenFalse: 1))
            emit(.returnImmediate, UInt32(slot))
        }
        emit(.returnImmediate, UInt32(slots[0]))
    }

    private mutating func emit(_ operation: ClassicOperation, _ operand: UInt32) {
        instructions.append(.make(operation, operand))
    }

    /// SKF_NET_OFF of linux/filter.h: offsets from here count from the IP header.
    private static let network = UInt32(bitPattern: -0x100000)
}
