module relevo

go 1.19
