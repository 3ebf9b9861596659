function whole()
--       ^ definition.function
  return 1
end

function half(n
--       ^ definition.function
  call(n
--^ reference.call
end

function after() end
--       ^ definition.function
