import Packs
import SteeringABI

/// A protocol's description as the program reads it: `relevo_pack`.
struct CompiledPack: Equatable {
    let bytes: [UInt8]

    init(_ pack: Pack) {
        precondition(
            pack.rules.count <= Int(RELEVO_PACK_RULES), "more rules than there is room for")
        var bytes = [UInt8](repeating: 0, count: Int(RELEVO_PACK_SIZE))
        for (number, rule) in pack.rules.enumerated() {
            let first = number * Int(RELEVO_RULE_SIZE)
            for condition in rule.conditions {
                for (at, byte) in zip(condition.value, condition.mask).enumerated() {
                    let place = first + condition.offset + at
                    bytes[place] |= byte.1
                    bytes[place + Int(RELEVO_RULE_VALUE_AT)] |= byte.0
                }
            }
            // In the byte order that the program's own shifts are made for.
            let what = Self.what(rule, pack)
            for at in 0..<8 {
                bytes[first + Int(RELEVO_RULE_WHAT_AT) + at] =
                    UInt8(truncatingIfNeeded: what >> UInt64(8 * at))
            }
        }
        self.bytes = bytes
    }

    private static func what(_ rule: PackRule, _ pack: Pack) -> UInt64 {
        let role: Int
        switch rule.role {
        case .opens: role = Int(RELEVO_ROLE_OPENS)
        case .either: role = Int(RELEVO_ROLE_EITHER)
        case .continues: role = Int(RELEVO_ROLE_CONTINUES)
        }
        var what = UInt64(pack.leastSize(of: rule)) | UInt64(role) << UInt64(RELEVO_RULE_ROLE_SHIFT)
        guard let id = rule.id else { return what }
        let most = pack.most(at: id.offset)
        let length: Int
        switch id.length {
        case .bytes(let count): length = min(count, most)
        case .byte(let at):
            length = most
            what |= UInt64(at + 1) << UInt64(RELEVO_RULE_TOLD_SHIFT)
        case .set: length = 0
        }
        what |= UInt64(id.offset) << UInt64(RELEVO_RULE_OFFSET_SHIFT)
        return what | UInt64(length) << UInt64(RELEVO_RULE_LENGTH_SHIFT)
    }
}
