#!/bin/bash
# Plays random legal moves. agent-kit run "lines:bash random_agent.sh" --games tictactoe --creds my-bot.creds
while read -r line; do
  [[ $line == *'"type":"turn"'* && $line =~ \"legal\":\[([0-9,]+)\] ]] || continue # a hello, or a match is over
  IFS=, read -ra legal <<<"${BASH_REMATCH[1]}"
  echo "{\"action\": ${legal[RANDOM % ${#legal[@]}]}}"
done
