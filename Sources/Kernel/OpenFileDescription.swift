import CKernel

extension DescriptorHolder where Self: ~Copyable {
    /// Whether another descriptor is a duplicate of this one, wherever the two were made; false where
    /// the kernel does not tell.
    package borrowing func isDuplicate(
        of other: borrowing some DescriptorHolder & ~Copyable
    ) -> Bool {
        withRaw { one in
            other.withRaw { other in
                let order = try? check("kcmp") { relevo_compare_descriptors(one, other) }
                return order == 0
            }
        }
    }
}
