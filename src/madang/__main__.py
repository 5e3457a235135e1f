from madang.cli import main

main(prog_name="madang")
