enum AdoptionPlaceholder {}
