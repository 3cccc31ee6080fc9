enum HandoverCorePlaceholder {}
