enum ChannelProtocolPlaceholder {}
