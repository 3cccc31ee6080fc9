/// A protocol that is described here: a file in Descriptions, which is text as anybody writes it in a
/// settings file.
package struct BuiltInPack: Sendable {
    package let name: String
    package let pack: Pack

    /// All of them, by name.
    package static let all: [BuiltInPack] = [
        BuiltInPack("dtls-cid", PackageResources.dtls_cid_pack),
        BuiltInPack("nebula", PackageResources.nebula_pack),
        BuiltInPack("srt", PackageResources.srt_pack),
        BuiltInPack("wireguard", PackageResources.wireguard_pack),
    ]

    package static func named(_ name: String) -> BuiltInPack? { all.first { $0.name == name } }

    private init(_ name: String, _ text: [UInt8]) {
        self.name = name
        do throws(PackFile.Mistake) {
            pack = try PackFile.read(String(decoding: text, as: UTF8.self), name: "\(name).pack")
        } catch {
            preconditionFailure(error.description)
        }
    }
}
