/// A socket that can be a member of a reuseport group.
package protocol ReuseportMember: DescriptorHolder, ~Copyable {}

extension DatagramSocket: ReuseportMember {}
extension StreamListener: ReuseportMember {}
